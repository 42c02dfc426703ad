"""Where a connection to a CRM goes, and where it does not."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from stageline.adapters.crm_http import CrmHttp
from stageline.adapters.crm_network import CheckedNetwork
from stageline.adapters.crm_transport import client_over
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_messages import CrmRequest, Dialect
from stageline.domain.errors import UrlNotAllowed
from tests.fakes.scripted_server import answer, serving
from tests.unit.sync_crm.crm import DIALECT, HOST, QUICK, URL, Dial, crm_of, minute

PUBLIC = "93.184.216.34"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return the context of a server that is HOST, and that of a client which trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem + made.public_bytes(Encoding.PEM))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(file)
    return served, ssl.create_default_context(cadata=made.public_bytes(Encoding.PEM).decode())


def sent(dial, resolve, *, trusted, url=URL, dialect=DIALECT):
    network = CheckedNetwork(dialect.hosts, resolve=resolve, dial=dial)
    client = client_over(network, trusted)
    crm = CrmHttp(dialect, network, minute, patience=QUICK, client=client)
    try:
        return crm.send(CrmRequest(url=url))
    finally:
        crm.close()


def test_the_address_that_was_checked_is_dialled_and_the_certificate_is_the_hosts(certificate):
    served, trusted = certificate
    asked_for = []

    def resolve(host):
        """Answer well once; whoever asks again is led home."""
        asked_for.append(host)
        return [PUBLIC] if len(asked_for) == 1 else ["127.0.0.1"]

    with serving(answer(200, {"here": 1}), context=served) as server:
        dial = Dial(server.port)
        assert sent(dial, resolve, trusted=trusted).data == {"here": 1}

    assert (asked_for, dial.dialled) == ([HOST], [PUBLIC])


def test_a_server_without_the_hosts_certificate_is_told_nothing(certificate):
    served, trusted = certificate
    other = Dialect(hosts=("*.vendor.example.com",))
    url = "https://other.vendor.example.com/records"
    with (
        serving(answer(200, {}), context=served) as server,
        pytest.raises(CrmUnavailable, match="cannot be reached"),
    ):
        sent(Dial(server.port), lambda _: [PUBLIC], trusted=trusted, url=url, dialect=other)

    assert server.requests == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:93.184.216.34"],
        [PUBLIC, "192.168.1.1"],
    ],
)
def test_a_name_that_leads_to_a_private_address_is_refused(addresses):
    dial = Dial(1)
    with pytest.raises(UrlNotAllowed) as refused:
        sent(dial, lambda _: addresses, trusted=ssl.create_default_context())

    assert (refused.value.reason, dial.dialled) == ("private", [])


def test_a_name_without_address_may_have_one_later():
    asked_for = []

    def resolve(host):
        asked_for.append(host)
        raise OSError("no such host")

    with pytest.raises(CrmUnavailable) as failure:
        sent(Dial(1), resolve, trusted=ssl.create_default_context())

    assert (len(asked_for), failure.value.may_be_done) == (QUICK.attempts, False)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.vendor.example.com/records",
        "https://evil.example.com/records",
        "https://api.vendor.example.com:8443/",
        "https://api.vendor.example.com@evil.example.com/",
        "https://127.0.0.1/",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(url):
    with serving(answer(200, {})) as server, crm_of(server) as crm, pytest.raises(UrlNotAllowed):
        crm.send(CrmRequest(url=url))

    assert server.requests == []
