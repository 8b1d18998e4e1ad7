"""Positional tables inside SOAP strings: what is read of the platform's own forms of a reply (domain 6.4)."""

from __future__ import annotations

import pytest

from gateway.calling.soap import table_reader
from gateway.errors import BadReply
from tests.conformance.conversing import FOLDERS

FOLDER = FOLDERS["population_register"]
TABLE = FOLDER.contract.channels["query"].operations["basic_info"].table
READ = table_reader(FOLDER.documents["query"]["RBSPMessage"], TABLE) if TABLE is not None else None


def message(*rows: list[str], declaration: str = "") -> str:
    cells = "".join("<Row>" + "".join(f"<Data>{cell}</Data>" for cell in row) + "</Row>" for row in rows)
    value = f'<Value Type="arrayOfArrayOf_string">{cells}</Value>'
    return f"{declaration}<RBSPMessage><Method><Name>Query</Name><Items><Item>{value}</Item></Items></Method></RBSPMessage>"


def read(text: str) -> object:
    assert READ is not None
    return READ(text)


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB2312", "gb18030"])
def test_a_record_whatever_encoding_the_string_declares(encoding: str) -> None:
    rows = ["000", "", ""], ["XM", "SFZH", "XP"], ["样例·㭎", "229901198503032014", "cGhvdG8="]
    assert read(message(*rows, declaration=f'<?xml version="1.0" encoding="{encoding}"?>')) == {
        "status": "000",
        "records": [{"XM": "样例·㭎", "SFZH": "229901198503032014"}],
    }


def test_the_name_of_a_dictionary_where_codes_are_translated() -> None:
    told = read(message(["000"], ["SFZH", "户政性别代码字典"], ["229901198503032014", "1"]))
    assert told == {"status": "000", "records": [{"SFZH": "229901198503032014", "XBDM": "1"}]}


@pytest.mark.parametrize("text", ["SrcReceiver:服务未开通", "java.rmi.RemoteException", ""])
def test_a_text_in_the_place_of_a_document_is_a_text(text: str) -> None:
    assert read(text) == {"text": text}


@pytest.mark.parametrize(
    "text",
    [
        "<RBSPMessage>",
        "<Another/>",
        "<RBSPMessage/>",
        message(),
        message([]),
        message(["", "000"]),
        message(["000"], ["XM", "XM"], ["a", "b"]),
        message(["000"], ["XM", "SFZH"], ["a"]),
        message(["000"], ["XM"], ["a"]).replace("Row>", "Line>"),
        '<!DOCTYPE x [<!ENTITY e "000">]>' + message(["&e;"]),
    ],
)
def test_anything_else_is_a_bad_reply(text: str) -> None:
    with pytest.raises(BadReply):
        read(text)
