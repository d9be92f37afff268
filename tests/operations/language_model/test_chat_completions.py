"""Chat completions, against a server in this process."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fintech_infra.operations.digest import digest
from fintech_infra.operations.language_model import Exchange, Settings, body_of, client_for
from tests.operations.language_model.samples import PROMPT, SETTINGS, Claims, asked, recorded

KEY = "sk-a-key-for-tests"


@dataclass
class Service:
    """What the server answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list[Any])

    @property
    def settings(self) -> Settings:
        return replace(SETTINGS, endpoint=f"{self.url}/v1", attempts=2, timeout=5)

    def answers(self, settings: Settings | None = None, key: str = KEY) -> Exchange[Claims]:
        used = settings or self.settings
        return asked(client_for(used, {"OPENAI_API_KEY": key}), used)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:9")  # nothing goes there
    answering = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answering.asked.append((self.path, dict(self.headers), body))
            self.send_response(answering.status)
            for name, value in answering.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answering.body)))
            self.end_headers()
            self.wfile.write(answering.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answering.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield answering
        server.shutdown()
        thread.join()


def test_a_question_is_asked_and_the_answer_is_read(service: Service) -> None:
    service.body = json.dumps(recorded("chat_claims")).encode()
    found = service.answers()
    assert (found.failure, found.tokens) == ("", (812, 96))
    assert [item["resource"] for item in found.held or ()] == ["r1", "r9"]
    ((path, headers, body),) = service.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert (found.digest, found.size) == (digest(body), len(body))
    assert body_of(PROMPT, service.settings, client_for(service.settings, {})) == body


def test_the_schema_goes_along_where_it_is_wanted(service: Service) -> None:
    service.body = json.dumps(recorded("chat_claims")).encode()
    settings = replace(service.settings, structured_output=True, output_limit="max_tokens")
    assert service.answers(settings).held
    sent = json.loads(service.asked[0][2])
    assert sent["response_format"]["json_schema"]["schema"]["required"] == ["claims"]
    assert sent["max_tokens"] == 2_000


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("chat_refusal", "it refused to answer"),
        ("chat_filtered", "it refused: the answer was filtered"),
        ("chat_cut_off", "its answer was cut off at max_output_tokens"),
        ("chat_tool_calls", "it tried to use a tool"),
    ],
)
def test_what_is_no_whole_answer_is_none(service: Service, name: str, reason: str) -> None:
    service.body = json.dumps(recorded(name)).encode()
    assert service.answers().failure == f"did not answer: {reason}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"choices": []}',
        b'{"choices": [7]}',
        b"\xff",
        b"[" * 9_999,
    ],
)
def test_a_response_of_another_form_is_none(service: Service, body: bytes) -> None:
    service.body = body
    assert service.answers().failure == (
        "did not answer: the service's response is no chat completion"
    )


def test_a_huge_response_is_not_read_to_its_end(service: Service) -> None:
    service.body = b" " * 1_000_001
    assert service.answers().failure == (
        "did not answer: its response has more than 1,000,000 bytes"
    )


def test_a_rate_limit_is_waited_for_and_the_key_is_not_repeated(service: Service) -> None:
    service.status, service.headers = 429, {"Retry-After": "7"}
    service.body = json.dumps(recorded("chat_rate_limit")).encode()
    slept: list[float] = []
    client = client_for(service.settings, {"OPENAI_API_KEY": KEY})
    found = asked(client, service.settings, slept.append)
    assert found.failure == "did not answer: HTTP 429, rate limit; asked 2 times"
    assert (len(service.asked), slept) == (2, [7.0])


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "HTTP 400"), (401, "HTTP 401, the key is refused"), (307, "HTTP 307")],
)
def test_a_refusal_is_said_and_not_tried_again(service: Service, status: int, reason: str) -> None:
    service.status, service.headers = status, {"Location": f"{service.url}/elsewhere"}
    assert service.answers().failure == f"did not answer: {reason}"
    assert [path for path, _, _ in service.asked] == ["/v1/chat/completions"]


def _certificate(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "server.pem").write_bytes(private + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_ends_it(service: Service, tmp_path: Path) -> None:
    context = _certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError), listening.accept()[0] as plain:
                context.wrap_socket(plain, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        endpoint = f"https://localhost:{listening.getsockname()[1]}/v1"
        found = service.answers(replace(service.settings, endpoint=endpoint))
        thread.join()
    assert found.failure == (
        "did not answer: its certificate is not valid: self-signed certificate"
    )
    assert service.asked == []


def test_a_service_that_is_not_there_is_said() -> None:
    settings = replace(SETTINGS, attempts=1)
    found = asked(client_for(settings, {}), settings)
    assert found.failure.startswith("did not answer: the service cannot be reached: ")


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "the environment variable OPENAI_API_KEY has no key in it"),
        ("sk\r\nX: y", "what OPENAI_API_KEY holds is no key: it has other characters"),
    ],
)
def test_without_a_key_nothing_is_sent_away(key: str, reason: str) -> None:
    settings = replace(SETTINGS, endpoint="https://models.invalid/v1")
    client = client_for(settings, {"OPENAI_API_KEY": key})
    assert asked(client, settings).failure == f"did not answer: {reason}"


def test_a_service_on_this_machine_needs_no_key(service: Service) -> None:
    service.body = json.dumps(recorded("chat_claims")).encode()
    assert service.answers(key="").held
    assert "Authorization" not in service.asked[0][1]
