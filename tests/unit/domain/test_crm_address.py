"""Which addresses a CRM may have."""

import pytest

from stageline.domain.crm_address import allowed_host, base_url, is_public_address
from stageline.domain.errors import UrlNotAllowed
from stageline.domain.local_hosts import LocalHost, LocalHostsRefused, local_hosts

VENDOR = ("api.hubapi.com", "*.my.salesforce.com")


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://api.hubapi.com", "https://api.hubapi.com"),
        ("https://API.HubApi.com:443/", "https://api.hubapi.com"),
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://ac--dev.sandbox.my.salesforce.com", "https://ac--dev.sandbox.my.salesforce.com"),
    ],
)
def test_hosts_of_the_vendor_are_allowed(url, base):
    assert base_url(url, VENDOR) == base


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.hubapi.com", "scheme"),
        ("api.hubapi.com", "scheme"),
        ("ftp://api.hubapi.com", "scheme"),
        ("https://user@api.hubapi.com", "user_info"),
        ("https://api.hubapi.com:pw@evil.com", "user_info"),
        ("https://api.hubapi.com@evil.com", "user_info"),
        ("https://api.hubapi.com:8443", "port"),
        ("https://api.hubapi.com:x", "malformed"),
        ("https://api.hubapi.com\\@evil.com", "malformed"),
        ("https://api.hubapi.com\t.evil.com", "malformed"),
        (" https://api.hubapi.com", "malformed"),
        ("https://api.hubapi.com./", "host"),
        ("https://%61pi.hubapi.com", "host"),
        ("https://", "host"),
        ("https://my.salesforce.com", "vendor"),
        ("https://evilmy.salesforce.com", "vendor"),
        ("https://api.hubapi.com.evil.com", "vendor"),
        ("https://xn--pi-6kc.hubapi.com", "vendor"),
        ("https://аpi.hubapi.com", "vendor"),  # noqa: RUF001
        ("https://xn--a.hubapi.com", "malformed"),
        ("https://api.hubapi.com/crm", "path"),
        ("https://api.hubapi.com?x=1", "path"),
        ("https://api.hubapi.com#x", "path"),
    ],
)
def test_other_urls_are_refused_with_the_reason(url, reason):
    with pytest.raises(UrlNotAllowed) as refused:
        base_url(url, VENDOR)

    assert (refused.value.code, refused.value.field) == ("url_not_allowed", "base_url")
    assert refused.value.reason == reason
    assert "evil" not in refused.value.detail


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "10.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "crm",
        "crm.localhost",
        "crm.local",
        "metadata.google.internal",
        "1.0.0.127.in-addr.arpa",
    ],
)
def test_where_any_host_is_allowed_it_has_to_be_a_public_name(host):
    with pytest.raises(UrlNotAllowed) as refused:
        base_url(f"https://{host}", ("*",))

    assert refused.value.reason in ("host", "malformed")


def test_names_in_other_scripts_are_compared_as_they_are_looked_up():
    assert base_url("https://crm.müller.de", ("*",)) == "https://crm.xn--mller-kva.de"
    assert base_url("https://CRM.xn--mller-kva.de", ("*.xn--mller-kva.de",))


def test_a_link_may_have_a_path_and_names_its_own_field():
    assert allowed_host("https://api.hubapi.com/crm?after=1", VENDOR, "url") == "api.hubapi.com"


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::6810:84e5"])
def test_addresses_of_the_open_internet_are_public(address):
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "2001::1",
        "2002:a00:1::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_no_other_address_is(address):
    assert not is_public_address(address)


def test_the_local_stage_finds_hosts_on_its_own_machine():
    text = '{"API.hubapi.com": "127.0.0.1:9001", "a.my.salesforce.com": "[::1]:9002"}'

    assert local_hosts(text, "local") == {
        "api.hubapi.com": LocalHost("127.0.0.1", 9001),
        "a.my.salesforce.com": LocalHost("::1", 9002),
    }
    assert local_hosts("", "prod") == {}


@pytest.mark.parametrize("stage", ["prod", "dev", "local2", ""])
def test_no_other_stage_does(stage):
    with pytest.raises(LocalHostsRefused, match="local stage only"):
        local_hosts('{"api.hubapi.com": "127.0.0.1:9001"}', stage)


@pytest.mark.parametrize(
    "text",
    [
        "api.hubapi.com",
        "[]",
        '{"api.hubapi.com": "10.0.0.1:9001"}',
        '{"api.hubapi.com": "127.0.0.1"}',
        '{"api.hubapi.com": "127.0.0.1:0"}',
        '{"api.hubapi.com": "localhost:9001"}',
        '{"api.hubapi.com": 9001}',
    ],
)
def test_only_loopback_addresses_with_a_port_will_do(text):
    with pytest.raises(LocalHostsRefused, match="loopback"):
        local_hosts(text, "local")
