#!/usr/bin/env python3
"""How fast records pass `cordon run`: from producing a report to reading what followed from it.

    python3 tests/kafka/measure.py latency --seconds 30                # real Apache Kafka
    python3 tests/kafka/measure.py latency --seconds 30 --embedded
    python3 tests/kafka/measure.py offered --rate 50000 --seconds 30   # and what was located meanwhile
    python3 tests/kafka/measure.py drain --records 1000000             # a backlog, read from its start
    python3 tests/kafka/measure.py screen --seconds 50                  # from producing to the live socket
    python3 tests/kafka/measure.py screen --rate 50000 --subjects 50000 --seconds 60 --clients 1000 \\
        --filter '{"bbox":[-0.1087,51.49,-0.0914,51.5073]}'
    python3 tests/kafka/measure.py demo --seconds 120                   # the demo: first alert, CPU, memory

Installs confluent-kafka into .tools/kafka-check on its first run. Needs a release build of cordon, and `screen` one of
load-tests (`cargo build --release --workspace`).
"""

import argparse
import json
import math
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = ROOT / ".tools" / "kafka-check"
CLIENT = "confluent-kafka==2.16.1"
WEST, SOUTH, WIDTH, HEIGHT = -0.35, 51.40, 0.45, 0.22


def main():
    enter_venv()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["latency", "offered", "drain", "screen", "demo"])
    parser.add_argument("--embedded", action="store_true", help="cordon's own broker instead of Apache Kafka")
    parser.add_argument("--rate", type=int, default=1000, help="records a second (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--subjects", type=int, default=2000)
    parser.add_argument("--fences", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=1, help="of the live socket (default %(default)s)")
    parser.add_argument("--filter", default="{}", help="what each of them subscribes to (default: everything)")
    parser.add_argument("--linger-ms", type=int, default=1, help="of the producer of `screen` (default %(default)s)")
    parser.add_argument("--cordon", default=ROOT / "target" / "release" / "cordon")
    options = parser.parse_args()
    if options.what == "demo":
        return demo(options)
    with tempfile.TemporaryDirectory() as folder:
        broker, address = (None, None) if options.embedded else start_broker()
        cordon = None
        try:
            config = write_config(Path(folder), options, address)
            cordon, address = start_cordon(options, config)
            what = {"latency": latency, "offered": offered, "drain": drain, "screen": screen}[options.what]
            what(options, address, cordon, config)
        finally:
            if cordon is not None and cordon.poll() is None:
                cordon.terminate()
                cordon.wait()
            if broker is not None:
                broker.stdin.close()
                broker.wait()


def enter_venv():
    if Path(sys.prefix) == TOOLS:
        return
    python = TOOLS / "bin" / "python"
    if not python.exists():
        venv.create(TOOLS, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT], check=True)
    os.execv(python, [python, __file__, *sys.argv[1:]])


def start_broker():
    broker = subprocess.Popen([sys.executable, HERE / "broker.py", "start"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    return broker, broker.stdout.readline().removeprefix("kafka ").strip()


def write_config(folder, options, address):
    """Sterile fences over London, so that each entry is an alert."""
    dice = random.Random(1)
    features = []
    for number in range(options.fences):
        west, south, side = WEST + dice.random() * WIDTH, SOUTH + dice.random() * HEIGHT, 0.002
        ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
        features.append({"type": "Feature", "id": f"f{number}", "properties": {"class": "sterile"},
                         "geometry": {"type": "Polygon", "coordinates": [ring]}})
    (folder / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    brokers = f'brokers = "{address}"\n' if address else ""
    config = folder / "cordon.toml"
    config.write_text(f'[fences]\nfiles = ["fences.geojson"]\n[kafka]\npartitions = 6\n{brokers}')
    return config


def start_cordon(options, config):
    roles = "track,picture,serve" if options.what == "screen" else "track,picture"
    command = [options.cordon, "run", "--role", roles, "--config", config, "--listen", "127.0.0.1:0"]
    cordon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return cordon, cordon.stdout.readline().removeprefix("kafka ").strip()


def produce(address, rate, count, subjects):
    """Subjects that walk to and fro; `source` carries the moment of producing. As fast as it goes without a rate."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": address, "linger.ms": 1 if rate and rate < 5000 else 20,
                         "queue.buffering.max.messages": 500_000, "acks": "all"})
    dice = random.Random(2)
    where = [(WEST + dice.random() * WIDTH, SOUTH + dice.random() * HEIGHT, dice.random() * 6.28)
             for _ in range(subjects)]
    began = time.time()
    for number in range(count):
        lon, lat, way = where[number % subjects]
        step = 0.0003 * (number // subjects)
        now = time.time()
        value = (f'{{"subject":"S{number % subjects}","at":{int(now * 1000)},"lat":{lat + math.sin(way) * step % 0.05:.6f},'
                 f'"lon":{lon + math.cos(way) * step % 0.05:.6f},"class":"vehicle","source":"{now:.6f}","id":"{number}"}}')
        while True:
            try:
                producer.produce("positions", value, f"S{number % subjects}")
                break
            except BufferError:
                producer.poll(0.01)
        if rate and (rate < 5000 or number % 100 == 0):
            producer.poll(0)
            ahead = began + number / rate - time.time()
            if ahead > 0:
                time.sleep(ahead)
    producer.flush(60)


def reader(address, topic):
    from confluent_kafka import OFFSET_END, Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": address, "group.id": "measure", "fetch.wait.max.ms": 5})
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_END) for number in partitions])
    consumer.poll(1)
    return consumer


def read_latencies(address, topic, moment_of, seconds, out):
    consumer = reader(address, topic)
    out.put((topic, "ready"))
    taken, until = [], time.time() + seconds
    while time.time() < until:
        message = consumer.poll(0.05)
        if message is not None and message.error() is None and message.value():
            moment = moment_of(json.loads(message.value()))
            if moment:
                taken.append((time.time() - moment) * 1000)
    out.put((topic, taken))


def moment_of_located(record):
    return float(record["source"])


def moment_of_alert(record):
    from datetime import datetime

    return datetime.fromisoformat(record["at"]).timestamp() if record["state"] == "open" else None


def latency(options, address, cordon, config):
    produce(address, 1000, 4000, options.subjects)  # warm, and everybody has been seen
    out = multiprocessing.Queue()
    readers = [multiprocessing.Process(target=read_latencies, args=(address, topic, moment, options.seconds + 5, out))
               for topic, moment in [("cordon.located", moment_of_located), ("cordon.alerts", moment_of_alert)]]
    for one in readers:
        one.start()
    for _ in readers:
        out.get()
    produce(address, options.rate, options.rate * options.seconds, options.subjects)
    for _ in readers:
        topic, taken = out.get()
        taken.sort()
        if not taken:
            print(f"{topic}: nothing came")
            continue
        p = lambda share: taken[min(len(taken) - 1, int(len(taken) * share))]
        print(f"{topic}: n={len(taken)} p50={p(0.5):.1f} ms p99={p(0.99):.1f} ms max={taken[-1]:.1f} ms")
    for one in readers:
        one.join()


def ends(consumer, topic):
    from confluent_kafka import TopicPartition

    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    return sum(consumer.get_watermark_offsets(TopicPartition(topic, number), 10)[1] for number in partitions)


def cpu_s(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def offered(options, address, cordon, config):
    total = options.rate * options.seconds
    consumer = reader(address, "cordon.located")
    producer = multiprocessing.Process(target=produce, args=(address, options.rate, total, options.subjects))
    began, cpu = time.time(), cpu_s(cordon)
    producer.start()
    while producer.is_alive():
        time.sleep(2)
        sent, located = ends(consumer, "positions"), ends(consumer, "cordon.located")
        print(f"{time.time() - began:5.1f} s  sent {sent}  located {located}  behind {sent - located}", flush=True)
    tell(options, consumer, cordon, began, cpu, total)


def drain(options, address, cordon, config):
    cordon.terminate()
    cordon.wait()
    began = time.time()
    produce(address, None, options.records, options.subjects)
    print(f"produced {options.records} in {time.time() - began:.1f} s")
    cordon, _ = start_cordon(options, config)
    try:
        consumer = reader(address, "cordon.located")
        tell(options, consumer, cordon, time.time(), 0.0, options.records)
    finally:
        cordon.terminate()
        cordon.wait()


def screen(options, address, cordon, config):
    """`load-tests` at both ends; its table is about frames, the last line about what Cordon did."""
    url = cordon.stdout.readline().removeprefix("listening ").strip()
    load_tests = Path(options.cordon).parent / "load-tests"
    generator = subprocess.Popen([load_tests, "generator", "--rate", str(options.rate), "--seconds", str(options.seconds),
                                  "--subjects", str(options.subjects), "--brokers", address,
                                  "--linger-ms", str(options.linger_ms)], stderr=subprocess.DEVNULL)
    time.sleep(20)  # A JVM that has just started takes 750 records a second for its first ten seconds.
    swarm = subprocess.Popen([load_tests, "swarm", "--clients", str(options.clients), "--filter", options.filter,
                              "--seconds", str(options.seconds - 25), "--url", url.replace("http", "ws") + "/v1/live"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    cpu = cpu_s(cordon)
    generator.wait()
    metrics = urllib.request.urlopen(url + "/metrics").read().decode()
    told = {name: sum(float(value) for value in re.findall(rf"^{pattern} (\S+)$", metrics, re.MULTILINE))
            for name, pattern in METRICS.items()}
    used = cpu_s(cordon) - cpu
    print("".join(line for line in swarm.stdout if line.startswith("|")), end="")
    print(", ".join(f"{name} {value:.2f}" for name, value in told.items()),
          f"at the end; cordon {used:.1f} s CPU, {memory_mb(cordon)} MB")


def demo(options):
    began = time.time()
    command = [options.cordon, "demo", "--resources", str(options.subjects), "--listen", "127.0.0.1:0"]
    cordon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = next(line for line in cordon.stdout if line.startswith("listening ")).split()[1]
        while not alerts_at(url):
            if cordon.poll() is not None:
                sys.exit("the demo ended before its first alert")
            time.sleep(0.05)
        print(f"first alert {time.time() - began:.1f} s after the start", flush=True)
        until = time.time() + options.seconds
        while time.time() < until:
            cpu, since = cpu_s(cordon), time.time()
            time.sleep(min(20, until - since))
            share = (cpu_s(cordon) - cpu) / (time.time() - since)
            print(f"{time.time() - began:5.0f} s  {share:.1%} of a core  {memory_mb(cordon)} MB", flush=True)
    finally:
        cordon.terminate()
        cordon.wait()


def alerts_at(url):
    try:
        return json.load(urllib.request.urlopen(url + "/v1/alerts"))["alerts"]
    except OSError:
        return []  # It reads the topics first.


METRICS = {
    "taken": r'cordon_records_in_total\{topic="positions"\}',
    "located": r'cordon_records_out_total\{topic="cordon.located"\}',
    "alerts": r'cordon_records_out_total\{topic="cordon.alerts"\}',
    "thinned": "cordon_positions_thinned_total",
    "seconds behind": r'cordon_event_time_lag_seconds\{topic="positions"\}',
}


def tell(options, consumer, cordon, began, cpu, total):
    """Waits until no more is located, and tells the rate from the first to the last."""
    last, first, seen = time.time(), None, 0
    while time.time() < last + 15:
        located = ends(consumer, "cordon.located")
        if located != seen:
            last, seen = time.time(), located
            first = first or (last, located)
        if located >= total:
            break
        time.sleep(0.2)
    used = cpu_s(cordon) - cpu
    print(f"{total} records: {seen} located, {ends(consumer, 'cordon.alerts')} alert records, "
          f"{ends(consumer, 'cordon.facts')} facts; {last - began:.1f} s, "
          f"{(seen - first[1]) / max(last - first[0], 0.001):.0f} located/s after the first look; "
          f"cordon {used:.1f} s CPU, {used / max(seen, 1) * 1e6:.1f} us a record, {memory_mb(cordon)} MB")


if __name__ == "__main__":
    main()
