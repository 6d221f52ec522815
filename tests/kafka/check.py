#!/usr/bin/env python3
"""Proves that broker.py gives what the tests rely on, with librdkafka's own client (the one Cordon uses).

    python3 tests/kafka/check.py

Installs confluent-kafka into .tools/kafka-check on its first run. Takes under two minutes.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent.parent / ".tools" / "kafka-check"
CLIENT = "confluent-kafka==2.16.1"


def main():
    enter_venv()
    checks = [produce_and_consume, unknown_topic_is_not_created, compaction, transactions,
              restart_keeps_data_and_port, crash_takes_the_jvm_along, two_on_one_folder, sasl_plain, sasl_scram, tls,
              tls_with_scram, clean_up]
    failed = 0
    for check in checks:
        began = time.monotonic()
        try:
            check()
            verdict = "ok"
        except Exception as problem:  # every check runs, whatever happened to the one before
            verdict, failed = f"FAILED: {problem!r}", failed + 1
        print(f"{check.__name__:32} {time.monotonic() - began:5.1f} s  {verdict}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


def enter_venv():
    python = TOOLS / "bin" / "python"
    if Path(sys.prefix) == TOOLS:
        return
    if not python.exists():
        venv.create(TOOLS, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT], check=True)
    os.execv(python, [python, __file__])


class Broker:
    """broker.py as the Rust tests use it: a child process whose standard input is the hand on the switch."""

    def __init__(self, *options):
        command = [sys.executable, HERE / "broker.py", "start", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        kind, self.address = self.process.stdout.readline().split()
        assert kind == "kafka", kind
        self.ca = self.process.stdout.readline().split()[1] if "--tls" in options else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(30) == 0, "broker.py did not stop in order"

    def config(self, **more):
        # librdkafka would hide a refused login behind endless tries; its complaints are what we look at.
        plain = {"bootstrap.servers": self.address, "broker.address.family": "v4", "log_level": 0}
        return plain | {key.replace("_", "."): value for key, value in more.items()}


def create(broker, topic, partitions=1, config=None, client=None):
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient(client or broker.config())
    new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=config or {})
    admin.create_topics([new])[topic].result(15)


def produce(client, topic, pairs):
    from confluent_kafka import Producer

    errors = []
    producer = Producer(client)
    for key, value in pairs:
        producer.produce(topic, key=key, value=value, on_delivery=lambda error, _: error and errors.append(error))
    assert producer.flush(15) == 0, "not delivered in 15 s"
    assert not errors, errors[0]


def consume(client, topic, until=None):
    """Everything in the topic, up to its end; with `until`, at least that many."""
    from confluent_kafka import Consumer, KafkaError

    consumer = Consumer(client | {"group.id": f"check-{time.time_ns()}", "auto.offset.reset": "earliest",
                                  "enable.partition.eof": True, "enable.auto.commit": False})
    consumer.subscribe([topic])
    found, deadline = [], time.monotonic() + 20
    try:
        while time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error() is None:
                found.append((message.key(), message.value()))
            elif message.error().code() == KafkaError._PARTITION_EOF and len(found) >= (until or 0):
                return found
        raise AssertionError(f"no end of {topic} in 20 s, {len(found)} records")
    finally:
        consumer.close()


def expect(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


# --- The checks ----------------------------------------------------------------------------------


def produce_and_consume():
    with Broker() as broker:
        create(broker, "positions")
        pairs = [(b"MP-CX04", str(n).encode()) for n in range(1000)]
        produce(broker.config(acks="all", enable_idempotence=True), "positions", pairs)
        expect(consume(broker.config(), "positions", 1000), pairs)
        # The two group protocols Cordon may use.
        expect(len(consume(broker.config(partition_assignment_strategy="cooperative-sticky"), "positions", 1000)), 1000)
        expect(len(consume(broker.config(group_protocol="consumer"), "positions", 1000)), 1000)


def unknown_topic_is_not_created():
    from confluent_kafka.admin import AdminClient

    with Broker() as broker:
        try:
            produce(broker.config(message_timeout_ms=3000), "no-such-topic", [(b"a", b"1")])
        except AssertionError:
            pass
        else:
            raise AssertionError("delivered to a topic that nobody created")
        assert "no-such-topic" not in AdminClient(broker.config()).list_topics(timeout=10).topics


def compaction():
    config = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01",
              "max.compaction.lag.ms": "100", "delete.retention.ms": "100"}
    with Broker() as broker:
        create(broker, "cordon.fences", config=config)
        produce(broker.config(), "cordon.fences", [(b"f%d" % (n % 3), b"v%d" % n) for n in range(300)])
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            time.sleep(0.5)
            # The newest segment is never cleaned; another record rolls it.
            produce(broker.config(), "cordon.fences", [(b"last", b"")])
            left = [pair for pair in consume(broker.config(), "cordon.fences") if pair[0] != b"last"]
            if len(left) == 3:
                expect(sorted(left), [(b"f0", b"v297"), (b"f1", b"v298"), (b"f2", b"v299")])
                return
        raise AssertionError(f"{len(left)} records left after 60 s")


def transactions():
    from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

    with Broker() as broker:
        create(broker, "in")
        create(broker, "out")
        produce(broker.config(), "in", [(b"a", b"1"), (b"b", b"2")])
        consumer = Consumer(broker.config(group_id="track", enable_auto_commit=False))
        consumer.assign([TopicPartition("in", 0, 0)])
        first = Producer(broker.config(transactional_id="track-0"))
        first.init_transactions(15)

        first.begin_transaction()
        first.produce("out", b"aborted")
        first.flush(10)
        first.abort_transaction(15)
        first.begin_transaction()
        first.produce("out", b"committed")
        first.send_offsets_to_transaction([TopicPartition("in", 0, 2)], consumer.consumer_group_metadata(), 15)
        first.commit_transaction(15)
        expect(consume(broker.config(isolation_level="read_committed"), "out", 1), [(None, b"committed")])
        expect(len(consume(broker.config(isolation_level="read_uncommitted"), "out", 2)), 2)
        expect(consumer.committed([TopicPartition("in", 0)], timeout=10)[0].offset, 2)

        # A second owner of the same id fences the first.
        first.begin_transaction()
        first.produce("out", b"from the fenced one")
        Producer(broker.config(transactional_id="track-0")).init_transactions(15)
        try:
            first.commit_transaction(15)
            raise AssertionError("the fenced producer committed")
        except KafkaException as refused:
            assert refused.args[0].fatal(), refused
        consumer.close()
        expect(consume(broker.config(isolation_level="read_committed"), "out", 1), [(None, b"committed")])


def restart_keeps_data_and_port():
    from confluent_kafka import Producer

    with tempfile.TemporaryDirectory() as folder:
        with Broker("--dir", folder) as broker:
            address = broker.address
            create(broker, "incidents")
            produce(broker.config(), "incidents", [(b"1", b"before")])
            producer = Producer(broker.config(reconnect_backoff_max_ms=500))
            producer.list_topics(timeout=10)
        # Produced while the broker is away, delivered when it is back.
        producer.produce("incidents", key=b"2", value=b"while away")
        producer.poll(0.5)
        with Broker("--dir", folder) as broker:
            expect(broker.address, address)
            expect(producer.flush(20), 0)
            expect(consume(broker.config(), "incidents", 2), [(b"1", b"before"), (b"2", b"while away")])


def crash_takes_the_jvm_along():
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker("--dir", folder)
        create(broker, "incidents")
        produce(broker.config(acks="all"), "incidents", [(b"1", b"before")])
        broker.process.send_signal(signal.SIGKILL)
        broker.process.wait(10)
        # The new one gets the port and the folder only if the JVM is gone; it may take a moment to die.
        time.sleep(1)
        with Broker("--dir", folder) as broker:
            expect(consume(broker.config(), "incidents", 1), [(b"1", b"before")])


def two_on_one_folder():
    with tempfile.TemporaryDirectory() as folder, Broker("--dir", folder):
        command = [sys.executable, HERE / "broker.py", "start", "--dir", folder]
        second = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        expect((second.returncode, second.stdout), (1, ""))
        assert "in use by another broker" in second.stderr, second.stderr


def login_works(broker, protocol, mechanisms, **more):
    for mechanism in mechanisms:
        right = broker.config(security_protocol=protocol, sasl_mechanism=mechanism,
                              sasl_username="cordon", sasl_password="right", **more)
        topic = f"positions-{mechanism}"
        create(broker, topic, client=right)
        produce(right, topic, [(b"a", b"1")])
        expect(consume(right, topic, 1), [(b"a", b"1")])
        refused(right | {"sasl.password": "wrong"}, "_AUTHENTICATION")
    # Without a login at all: the listener does not speak the protocol.
    refused(broker.config(), "_ALL_BROKERS_DOWN")


def refused(client, code):
    from confluent_kafka import KafkaException, Producer

    seen = []
    producer = Producer(client | {"error_cb": lambda error: seen.append(error.name())})
    try:
        producer.list_topics(timeout=3)
        raise AssertionError("let in")
    except KafkaException:
        producer.poll(0.1)
    assert code in seen, f"expected {code}, saw {seen}"


def sasl_plain():
    with Broker("--sasl-plain", "cordon:right") as broker:
        login_works(broker, "SASL_PLAINTEXT", ["PLAIN"])


def sasl_scram():
    with Broker("--sasl-scram", "cordon:right") as broker:
        login_works(broker, "SASL_PLAINTEXT", ["SCRAM-SHA-256", "SCRAM-SHA-512"])


def tls():
    with Broker("--tls") as broker:
        trusting = broker.config(security_protocol="SSL", ssl_ca_location=broker.ca)
        create(broker, "positions", client=trusting)
        produce(trusting, "positions", [(b"a", b"1")])
        expect(consume(trusting, "positions", 1), [(b"a", b"1")])
        # Without our CA the certificate is nobody's.
        refused(broker.config(security_protocol="SSL"), "_SSL")


def tls_with_scram():
    with Broker("--tls", "--sasl-scram", "cordon:right") as broker:
        login_works(broker, "SASL_SSL", ["SCRAM-SHA-256"], ssl_ca_location=broker.ca)


def clean_up():
    with tempfile.TemporaryDirectory() as parent:
        os.environ["TMPDIR"] = parent
        for end in ("stdin", "SIGTERM"):
            broker = Broker()
            expect(len(os.listdir(parent)), 1)
            if end == "SIGTERM":
                broker.process.send_signal(signal.SIGTERM)
            else:
                broker.process.stdin.close()
            expect((end, broker.process.wait(30), os.listdir(parent)), (end, 0, []))


if __name__ == "__main__":
    main()
