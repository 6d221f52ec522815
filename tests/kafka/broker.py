#!/usr/bin/env python3
"""A real Apache Kafka broker for tests: one node, on 127.0.0.1, gone when you are done.

Maven fetches Apache Kafka (the release is named in pom.xml beside this file), so
all you need is Java 17 or newer and Maven. Nothing is installed.

When the broker is ready, standard output holds

    kafka 127.0.0.1:PORT
    ca /path/to/ca.pem          (with --tls only)

and the script stays in the foreground. To stop the broker, close its standard
input (Ctrl-D) or send SIGTERM (Ctrl-C does too): it shuts down in order and its
folder is deleted, unless you named the folder with --dir. To crash the broker,
send this script SIGKILL: the JVM dies with it.
"""

import argparse
import ctypes
import fcntl
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE / "target"
# Kafka's classes as the JVM lays them out in memory, written by the first broker that stops in order
# (which takes it some 3 s more) and mapped by all later ones: ready after 2 s instead of 5 s.
ARCHIVE = TARGET / "kafka.jsa"
READY = "Kafka Server started"
READY_S_MAX = 90
STOP_S_MAX = 20

EXAMPLES = """examples:
  a broker for this terminal, until Ctrl-D
      python3 tests/kafka/broker.py start
  one that goes away and comes back with its data, on the same port
      python3 tests/kafka/broker.py start --dir /tmp/k --port 19092
  one that wants a login
      python3 tests/kafka/broker.py start --sasl-scram cordon:secret
      (client: security.protocol=SASL_PLAINTEXT, sasl.mechanism=SCRAM-SHA-256 or -512)
  login over TLS
      python3 tests/kafka/broker.py start --tls --sasl-plain cordon:secret
      (client: security.protocol=SASL_SSL, sasl.mechanism=PLAIN, ssl.ca.location=the path printed)
  download only, so that the first test does not pay for it
      python3 tests/kafka/broker.py fetch
"""


class Failure(Exception):
    """Something the caller can put right; shown without a traceback."""


def main():
    options = parse_arguments()
    try:
        if options.command == "fetch":
            classpath()
        else:
            start(options)
    except Failure as failure:
        sys.exit(f"broker.py: {failure}")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="start|fetch")
    commands.add_parser("fetch", help="fetch Apache Kafka through Maven and stop")
    start_parser = commands.add_parser(
        "start", help="start a broker and wait until standard input closes",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = start_parser.add_argument
    add("--port", type=int, metavar="N", help="port for clients (default: a free one, or that of --dir's last run)")
    add("--dir", type=Path, metavar="DIR", help="keep data, port and broker.log here; start again with it to go on")
    add("--tls", action="store_true", help="clients must use TLS; a CA is made and its path printed")
    add("--sasl-plain", type=login, action="append", default=[], metavar="USER:PASSWORD",
        help="clients must log in with PLAIN; may be repeated")
    add("--sasl-scram", type=login, action="append", default=[], metavar="USER:PASSWORD",
        help="clients must log in with SCRAM-SHA-256 or -512; may be repeated; fixed when --dir is first used")
    add("--heap", default="512m", metavar="SIZE", help="largest JVM heap (default %(default)s)")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="one more broker property; may be repeated")
    add("--no-stdin", action="store_true", help="go on when standard input closes; only a signal stops it")
    return parser.parse_args()


def login(text):
    user, colon, password = text.partition(":")
    # These characters would need escaping in JAAS or in StorageTool's own syntax; a test does not need them.
    if not (user and colon and password) or any(c in text for c in "\"\\,[]= "):
        raise argparse.ArgumentTypeError("expected USER:PASSWORD, without quotes, blanks or any of \\,[]=")
    return user, password


def start(options):
    # As an exception, so that every way out passes the clean-up below.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    jars = classpath()
    folder = options.dir.resolve() if options.dir else Path(tempfile.mkdtemp(prefix="cordon-kafka-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(folder):
            run(options, jars, folder)
    finally:
        if not options.dir:
            shutil.rmtree(folder, ignore_errors=True)


def run(options, jars, folder):
    ports = choose_ports(options, folder)
    if options.tls:
        make_certificates(folder)
    properties = folder / "server.properties"
    properties.write_text(server_properties(options, folder, ports))
    if not (folder / "data" / "meta.properties").exists():
        format_storage(options, jars, properties)

    archive = None if ARCHIVE.exists() else TARGET / f"kafka-{os.getpid()}.jsa"
    broker = launch(options, jars, folder, properties, archive)
    try:
        wait_until_ready(broker, folder)
        print(f"kafka 127.0.0.1:{ports['client']}", flush=True)
        if options.tls:
            print(f"ca {folder / 'ca.pem'}", flush=True)
        wait_for_the_end(options, broker, folder)
    finally:
        stop(broker)
        if archive and archive.exists():
            archive.rename(ARCHIVE)


# --- Apache Kafka's jars -------------------------------------------------------------------------


def classpath():
    """The class path as Maven resolves it; asked once, then read from target/ until pom.xml changes."""
    TARGET.mkdir(exist_ok=True)
    cached = TARGET / "classpath.txt"
    pom = HERE / "pom.xml"
    # Tests start brokers side by side: the first asks Maven, the others wait for its answer.
    with only_one(TARGET, wait=True):
        if not usable(cached, pom):
            print("broker.py: asking Maven for Apache Kafka (once; about 45 MB where it is not cached)", file=sys.stderr)
            need("mvn", "Maven (Debian: apt-get install maven)")
            fresh = TARGET / "classpath.new"
            maven = ["mvn", "-B", "-q", "-ntp", "-f", str(pom), "dependency:build-classpath",
                     "-Dmdep.includeScope=runtime", f"-Dmdep.outputFile={fresh}"]
            done = subprocess.run(maven, stdin=subprocess.DEVNULL, stdout=sys.stderr)
            if done.returncode != 0:
                raise Failure("Maven could not resolve tests/kafka/pom.xml; its reason stands above")
            fresh.rename(cached)
            ARCHIVE.unlink(missing_ok=True)
        return cached.read_text().strip()


def usable(cached, pom):
    if not cached.exists() or cached.stat().st_mtime < pom.stat().st_mtime:
        return False
    return all(Path(jar).exists() for jar in cached.read_text().strip().split(os.pathsep))


def need(program, hint):
    if shutil.which(program) is None:
        raise Failure(f"{program} is not on the PATH; it comes with {hint}")


class only_one:
    """Holds a folder's lock file; two brokers on one folder would destroy its data."""

    def __init__(self, folder, wait=False):
        self.folder, self.wait = folder, wait

    def __enter__(self):
        self.file = open(self.folder / ".lock", "w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | (0 if self.wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Failure(f"{self.folder} is in use by another broker") from None

    def __exit__(self, *_):
        self.file.close()


# --- What the broker is told ---------------------------------------------------------------------


def choose_ports(options, folder):
    """Ports for clients, for the node itself and for its controller; kept in --dir.

    The controller's must stay: it is written into the metadata log as this voter's address.
    """
    known = folder / "ports.json"
    ports = json.loads(known.read_text()) if known.exists() else {}
    if options.port:
        ports["client"] = options.port
    for name, port in ports.items():
        if not is_free(port):
            raise Failure(f"port {port} (for {name}) is taken by another program")
    for name in ("client", "internal", "controller"):
        if name not in ports:
            ports[name] = free_port(ports.values())
    known.write_text(json.dumps(ports))
    return ports


def free_port(taken):
    # Below the range from which Linux takes ports for outgoing connections:
    # one of those could sit on our port while the broker is away.
    for _ in range(200):
        port = random.randrange(20_000, 32_000)
        if port not in taken and is_free(port):
            return port
    raise Failure("no free port between 20000 and 32000")


def is_free(port):
    with socket.socket() as probe:
        # As the broker does: connections of the last run that linger in TIME_WAIT are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def server_properties(options, folder, ports):
    sasl = options.sasl_plain or options.sasl_scram
    protocol = ("SASL_" if sasl else "") + ("SSL" if options.tls else "PLAINTEXT")
    client, internal = (f"127.0.0.1:{ports[name]}" for name in ("client", "internal"))
    controller = f"127.0.0.1:{ports['controller']}"
    lines = [
        "process.roles=broker,controller",
        "node.id=1",
        f"log.dirs={folder / 'data'}",
        # The node talks to itself on listeners of its own, so that TLS and logins concern clients only.
        f"listeners=CLIENT://{client},INTERNAL://{internal},CONTROLLER://{controller}",
        f"advertised.listeners=CLIENT://{client},INTERNAL://{internal},CONTROLLER://{controller}",
        f"listener.security.protocol.map=CLIENT:{protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name=INTERNAL",
        "controller.listener.names=CONTROLLER",
        f"controller.quorum.bootstrap.servers={controller}",
        # One node: nothing to replicate to, and fewer partitions to create on first use.
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=4",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=4",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        # Cordon creates the topics it misses; a typing error must not create another.
        "auto.create.topics.enable=false",
        # After a crash the node must wait until its former self has timed out (9 s unless told).
        "broker.session.timeout.ms=3000",
        "broker.heartbeat.interval.ms=500",
        # Tests do not wait for members that will not come, nor long for the cleaner.
        "group.initial.rebalance.delay.ms=0",
        "log.cleaner.backoff.ms=200",
        # The default, 128 MiB, is a quarter of the heap.
        "log.cleaner.dedupe.buffer.size=8388608",
    ]
    if options.tls:
        lines += [
            "listener.name.client.ssl.keystore.type=PEM",
            f"listener.name.client.ssl.keystore.location={folder / 'broker.pem'}",
        ]
    if sasl:
        lines += sasl_properties(options)
    return "\n".join(lines + options.set) + "\n"


def sasl_properties(options):
    mechanisms = ["PLAIN"] * bool(options.sasl_plain) + ["SCRAM-SHA-256", "SCRAM-SHA-512"] * bool(options.sasl_scram)
    lines = [f"listener.name.client.sasl.enabled.mechanisms={','.join(mechanisms)}"]
    if options.sasl_plain:
        users = " ".join(f'user_{user}="{password}"' for user, password in options.sasl_plain)
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        lines.append(f"listener.name.client.plain.sasl.jaas.config={module} required {users};")
    if options.sasl_scram:
        module = "org.apache.kafka.common.security.scram.ScramLoginModule"
        for size in (256, 512):
            lines.append(f"listener.name.client.scram-sha-{size}.sasl.jaas.config={module} required;")
    return lines


def make_certificates(folder):
    """A CA of our own (ca.pem) and a key with a certificate from it for 127.0.0.1 and localhost (broker.pem)."""
    if (folder / "broker.pem").exists():
        return
    need("openssl", "OpenSSL (Debian: apt-get install openssl)")
    (folder / "san.txt").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    new_key = ["openssl", "req", "-newkey", "rsa:2048", "-noenc"]
    for command in (
        [*new_key, "-x509", "-days", "7", "-subj", "/CN=Cordon test CA", "-keyout", "ca.key", "-out", "ca.pem"],
        [*new_key, "-subj", "/CN=127.0.0.1", "-keyout", "broker.key", "-out", "broker.csr"],
        ["openssl", "x509", "-req", "-days", "7", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
         "-CAcreateserial", "-extfile", "san.txt", "-out", "broker.crt"],
    ):
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"openssl failed:\n{done.stderr}")
    chain = [(folder / name).read_text() for name in ("broker.key", "broker.crt")]
    (folder / "broker.pem").write_text("".join(chain))


# --- The broker's life ---------------------------------------------------------------------------


def java(jars, *jvm_options):
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else "java"
    need(program, "a Java 17 runtime or newer (Debian: apt-get install openjdk-17-jre-headless)")
    # The JVM checks that the archive fits its own version and this class path, and does without it otherwise.
    archive = [f"-XX:SharedArchiveFile={ARCHIVE}"] * ARCHIVE.exists()
    return [program, "-XX:+UseSerialGC", *archive, f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
            *jvm_options, "-cp", jars]


def format_storage(options, jars, properties):
    scram = [
        f"--add-scram=SCRAM-SHA-{size}=[name={user},password={password}]"
        for user, password in options.sasl_scram
        for size in (256, 512)
    ]
    # A short run: the first compiler stage alone is quicker than both.
    command = java(jars, "-Xmx128m", "-XX:TieredStopAtLevel=1")
    command += ["kafka.tools.StorageTool", "format", "--standalone",
                "--cluster-id", "Y29yZG9uLXRlc3RzLTAwMQ", "--config", str(properties), *scram]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"formatting the storage failed:\n{done.stdout}{done.stderr}")


def launch(options, jars, folder, properties, archive):
    write_archive = [f"-XX:ArchiveClassesAtExit={archive}"] if archive else []
    with open(folder / "broker.log", "w") as log:
        return subprocess.Popen(
            [*java(jars, f"-Xmx{options.heap}", *write_archive), "kafka.Kafka", str(properties)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            # A Ctrl-C in the terminal is for this script alone, which then stops the broker in order.
            start_new_session=True, preexec_fn=die_with_parent,
        )


def die_with_parent():
    """In the child: SIGKILL for the JVM should this script be killed. Linux only; elsewhere it outlives us."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def wait_until_ready(broker, folder):
    deadline = time.monotonic() + READY_S_MAX
    log = folder / "broker.log"
    while READY not in log.read_text(errors="replace"):
        if broker.poll() is not None:
            raise Failure(f"the broker ended with code {broker.returncode}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise Failure(f"the broker was not ready after {READY_S_MAX} s:\n{tail(log)}")
        time.sleep(0.05)


def wait_for_the_end(options, broker, folder):
    watched = [] if options.no_stdin else [sys.stdin.fileno()]
    while True:
        readable, _, _ = select.select(watched, [], [], 0.25)
        if readable and not os.read(readable[0], 4096):
            return
        if broker.poll() is not None:
            raise Failure(f"the broker ended by itself with code {broker.returncode}:\n{tail(folder / 'broker.log')}")


def stop(broker):
    # A second signal must not cut the first one's clean-up short.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    broker.terminate()
    try:
        broker.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        broker.kill()
        broker.wait()


def tail(log):
    return "\n".join(log.read_text(errors="replace").splitlines()[-25:])


if __name__ == "__main__":
    main()
