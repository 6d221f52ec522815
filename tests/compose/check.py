#!/usr/bin/env python3
"""Checks what stands around Cordon without starting it: docker-compose.yml, Prometheus, Grafana.

    python3 tests/compose/check.py

No Docker is needed, and so none of this shows that the containers run. On its first
run it installs two Python packages and one npm package into .tools/compose.
promtool comes with Debian's prometheus; without it those checks fail and say so.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / ".tools" / "compose"
PACKAGES = ["jsonschema==4.25.1", "PyYAML==6.0.3"]
# A linter whose package holds a current copy of the compose specification's schema; only that file is used.
SCHEMA_PACKAGE, SCHEMA_FILE = "dclint@3.1.0", "package/schemas/compose.schema.json"
PROMETHEUS = ROOT / "config" / "prometheus"
GRAFANA = ROOT / "config" / "grafana"

# All that Cordon counts, with the labels it counts by. Rules and dashboard may name nothing else.
METRICS = {
    "records_in_total": {"topic"}, "records_out_total": {"topic"}, "rejects_total": {"reason"},
    "event_time_lag_seconds": {"topic"}, "end_to_end_latency_seconds_bucket": {"le"},
    "queue_depth": {"queue"}, "queue_capacity": {"queue"}, "positions_thinned_total": set(),
    "rebalances_total": set(), "kafka_consumer_lag": {"topic"}, "kafka_broker_up": set(),
    "sockets_open": set(), "sockets_closed_total": {"reason"}, "alerts_open": {"severity"},
    "commands_total": {"action"}, "build_info": {"version"},
}


def main():
    enter_venv()
    checks = [compose_matches_its_schema, ports_are_on_loopback_only, images_are_pinned, mounted_files_exist,
              cordon_config_is_toml, docker_copies_what_exists, prometheus_config, alert_rules_ring_as_tested,
              dashboard_asks_what_prometheus_understands, only_known_metrics_are_named]
    failed = 0
    for check in checks:
        try:
            check()
            print(f"ok      {check.__name__}")
        except Exception as problem:  # every check runs, whatever happened to the one before
            failed += 1
            print(f"FAILED  {check.__name__}: {problem}")
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


def enter_venv():
    python = TOOLS / "bin" / "python"
    if Path(sys.prefix) == TOOLS:
        return
    if not python.exists():
        venv.create(TOOLS, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    os.execv(python, [python, __file__])


# --- docker-compose.yml and Dockerfile -----------------------------------------------------------


def compose():
    import yaml

    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def compose_matches_its_schema():
    import jsonschema

    validator = jsonschema.Draft7Validator(compose_schema())
    problems = [f"{'/'.join(map(str, p.absolute_path))}: {p.message}" for p in validator.iter_errors(compose())]
    assert not problems, "; ".join(problems)
    # A schema that finds nothing in nonsense would prove nothing.
    assert list(validator.iter_errors({"services": {"kafka": {"port": 1}}})), "the schema accepts an unknown key"


def compose_schema():
    archive = TOOLS / (SCHEMA_PACKAGE.replace("@", "-") + ".tgz")
    if not archive.exists():
        pack = ["npm", "pack", "--silent", "--pack-destination", str(TOOLS), SCHEMA_PACKAGE]
        subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(archive) as package:
        return json.load(package.extractfile(SCHEMA_FILE))


def ports_are_on_loopback_only():
    for name, service in compose()["services"].items():
        for port in service.get("ports", []):
            assert str(port).startswith("127.0.0.1:"), f"{name} publishes {port} to everyone"


def images_are_pinned():
    for name, service in compose()["services"].items():
        version = service["image"].partition(":")[2]
        assert "build" in service or re.match(r"v?\d+\.\d+\.\d+$", version), f"{name} runs {service['image']}"


def mounted_files_exist():
    for name, service in compose()["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            known = (ROOT / source).exists() if source.startswith(".") else source in compose()["volumes"]
            assert known, f"{name} mounts {source}, which is not there"


def cordon_config_is_toml():
    config = tomllib.loads((ROOT / "config" / "compose" / "cordon.toml").read_text())
    # The two addresses on which the containers must agree.
    inside = compose()["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert f"INSIDE://{config['kafka']['brokers']}" in inside, f"kafka says {inside}"
    port = config["web"]["listen"].rpartition(":")[2]
    assert [f"127.0.0.1:{port}:{port}"] == compose()["services"]["cordon"]["ports"], f"cordon listens on {port}"


def docker_copies_what_exists():
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), f"{line}: {source} is not there"


# --- Prometheus and Grafana ----------------------------------------------------------------------


def promtool(*arguments):
    if shutil.which("promtool") is None:
        raise AssertionError("promtool is missing: apt-get install --no-install-recommends prometheus")
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def prometheus_config():
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


def alert_rules_ring_as_tested():
    tests = PROMETHEUS / "alerts.test.yml"
    promtool("test", "rules", tests)
    untested = {r["alert"] for r in alert_rules()} - set(re.findall(r"Cordon\w+", tests.read_text()))
    assert not untested, f"no test names {sorted(untested)}"


def alert_rules():
    import yaml

    return [rule for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def dashboard_queries():
    dashboard = json.loads((GRAFANA / "dashboards" / "cordon.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def dashboard_asks_what_prometheus_understands():
    # As rules, since promtool checks those; Grafana puts a duration where $__rate_interval stands.
    rules = [{"record": f"panel:query:{n}", "expr": expr.replace("$__rate_interval", "1m")}
             for n, expr in enumerate(dashboard_queries())]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:  # JSON is YAML
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
        file.flush()
        promtool("check", "rules", file.name)


def only_known_metrics_are_named():
    queries = dashboard_queries() + [rule["expr"] for rule in alert_rules()]
    named = {name for query in queries for name in re.findall(r"\bcordon_(\w+)", query)}
    assert named <= METRICS.keys(), f"unknown: {sorted(named - METRICS.keys())}"
    assert named == METRICS.keys(), f"shown nowhere: {sorted(METRICS.keys() - named)}"
    for query in queries:
        for name, labels in re.findall(r"\bcordon_(\w+)\{([^}]*)\}", query):
            asked = set(re.findall(r"(\w+)\s*[=!]", labels))
            assert asked <= METRICS[name], f"{query}: no label {asked - METRICS[name]}"


if __name__ == "__main__":
    main()
