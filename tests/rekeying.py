"""Another key for the gateway's answers, put where a new installation has its own."""

from __future__ import annotations

from pathlib import Path

import yaml


def answer_with(home: Path, alg: str, private: bytes, public: bytes) -> None:
    """Both halves of the key, and the line of the ring that says what it is."""
    (home / "keys" / "answers.pem").write_bytes(private)
    (home / "keys" / "answers.pub.pem").write_bytes(public)
    file = home / "keys" / "ring.yaml"
    ring = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
    (key,) = [key for key in ring["keys"] if key["use"] == "answers"]
    key |= {"alg": alg, "public_key": public.decode()}
    file.write_text(yaml.dump(ring), "utf-8")
