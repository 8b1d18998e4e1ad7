"""The demo: real servers, real signatures, the right verdicts, for people and for machines."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from typer.testing import CliRunner

from gateway.commands.cli import app

EXPECTED = [
    ("M01", "confirmed", "waived", "prior_submission"),
    ("M02", "confirmed", "waived", "registry_guardian"),
    ("P03", "confirmed", "waived", "parent_head"),
    ("M04", "confirmed", "waived", "parent_of_head"),
    ("P03", "confirmed", "waived", "spouse_of_head"),
    ("P12", "confirmed", "waived", "permit_valid"),
    ("P13", "confirmed", "waived", "permit_valid"),
    ("P08", "confirmed", "waived", "insurance_continuous"),
    ("P09", "confirmed", "waived", "insurance_continuous"),
    ("P11", "contradicted", "paper_required", "permit_suspended"),
    ("R06", "contradicted", "paper_required", "permit_lost"),
    ("S01", "contradicted", "officer_check", "insurance_gap"),
    ("R07", "no_record", "paper_required", "no_permit_on_record"),
    ("M09", "no_record", "paper_required", "no_guardian_on_record"),
    ("M05", "undetermined", "officer_check", "needs_officer"),
    ("S16", "undetermined", "officer_check", "channels_diverge"),
    ("T23", "undetermined", "officer_check", "bad_reply"),
    ("P17", "not_applicable", "not_applicable", "local_applicant"),
    ("P05", "not_applicable", "not_applicable", "not_a_minor"),
    ("P12", "undetermined", "officer_check", "unreachable"),
]


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    """What the demo prints, as lines and as a document."""
    texts = {}
    for name, arguments in (("lines", ["demo"]), ("json", ["demo", "--json"])):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        texts[name] = result.stdout
    return texts


def test_machines_get_every_scene_with_its_verdict(printed: dict[str, str]) -> None:
    scenes = json.loads(printed["json"])["scenes"]
    played = [
        (scene["subject"], m["verdict"], m["disposition"], m["reason"])
        for scene in scenes
        if "answer" in scene
        for m in scene["answer"]["materials"]
    ]
    assert played == EXPECTED
    assert [(s["subject"], s["refused"], s["status"]) for s in scenes if "refused" in s] == [("M01", "replay", 409)]


def test_at_least_ten_different_people_play(printed: dict[str, str]) -> None:
    assert len({scene["subject"] for scene in json.loads(printed["json"])["scenes"]}) >= 10


def test_people_get_lines_in_both_languages_and_the_next_commands(printed: dict[str, str]) -> None:
    lines = printed["lines"]
    heads = Counter(line.split()[2] for line in lines.splitlines() if re.match(r"[A-Z][0-9]{2}", line))
    assert heads == Counter(word for _, word, _, _ in EXPECTED) + Counter(["refused:"])
    assert "居住证在有效期内。" in lines
    assert "The residence permit is valid." in lines
    assert "refused: replay" in lines
    assert "gateway init mygateway" in lines
    assert "\x1b[" not in lines
