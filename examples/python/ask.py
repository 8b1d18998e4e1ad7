"""Asks the gateway one question; `gateway.client` signs it and believes the answer only if it is to this very request.

Python 3.11 with `pip install run-once-gateway` (httpx and cryptography, nothing of the server):

    python ask.py URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json

Ends with 0 for a verified answer, 1 for a verified refusal, 2 for anything else.
"""

import sys
from pathlib import Path

from gateway.client import Client, Problem
from gateway.errors import GatewayError


def main() -> int:
    try:
        url, keyid, private_key, gateway_keyid, gateway_key, question = sys.argv[1:]
    except ValueError:
        print("python ask.py URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json", file=sys.stderr)
        return 2
    try:
        body = Path(question).read_bytes()
        with Client(
            url,
            keyid=keyid,
            private_key=Path(private_key),
            gateway_keys={gateway_keyid: Path(gateway_key)},
        ) as gateway:
            answer = gateway.verify(body)
    except Problem as problem:
        print(f"verified: HTTP {problem.status}\n{problem.code}: {problem.detail}")
        return 1
    except (GatewayError, OSError) as error:  # Unsendable, Unreached, AnswerNotTrusted, BadAnswer; a key or file
        print(f"not believed: {error}", file=sys.stderr)
        return 2
    print("verified: HTTP 200")
    for material in answer.materials:
        print(f"{material.material}: {material.verdict} ({material.disposition})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
