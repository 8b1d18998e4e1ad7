"""The benchmark still runs against the gateway as it is: `--quick`, about fifteen seconds, nothing kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 120
"""For a machine that does much else; it takes a tenth of it on one that does not."""


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark holds processes to cores and reads their CPU clocks")
def test_a_quick_run_gives_ratios_and_every_step():
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert all(goal["measured"] > 0 for goal in found["goals"])
    assert {goal["goal"].partition(",")[0] for goal in found["goals"]} >= {"against B", "against C"}
    assert all(us > 0 for us in found["steps_us"].values())
    assert found["about"]["proved"] > 0


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark holds processes to cores")
def test_the_door_measures_every_codec_and_every_refusal():
    command = [sys.executable, "-m", "benchmarks", "--workload", "door", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [row["algorithm"] for row in found["codecs"]] == ["ed25519", "ecdsa-p256-sha256", "sm2-sm3"]
    assert all(row["bare_us"] > 0 for row in found["codecs"])
    assert {row["code"] for row in found["inputs"]} >= {"", "framing", "signature_invalid", "json_depth", "coverage"}


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark holds processes to cores")
def test_calm_measures_all_four_figures_and_every_stage():
    command = [sys.executable, "-m", "benchmarks", "--workload", "calm", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["hanging"]["left"][0] > 0
    assert 0 < found["hedging"]["extra"] <= 0.05
    assert found["memory"]["questions"] > 0
    stages = {"attempt_limit", "quota", "places", "breaker", "retry", "walk", "hold", "single_flight", "settle"}
    assert {f"... {stage}" for stage in stages} | {"tenacity's decorator", "interlock-cb"} == set(
        found["stack"]["above_us"]
    )
