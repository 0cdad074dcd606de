"""A small IdP over pysaml2: GET/POST /sso, /slo, GET /start (begins by itself), GET /logout. Settings: a folder with JSON files."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, sigver
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

FOLDER, PORT = sys.argv[1], int(sys.argv[2])
BASE = f"http://127.0.0.1:{PORT}"
PERSON = NameID(format=NAMEID_FORMAT_PERSISTENT, text="pysaml2-person")
AUTHN = {"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": BASE}

# This version of pysaml2 encrypts with Triple DES unless it is told otherwise.
sigver.pre_encryption_part.__kwdefaults__["msg_enc"] = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
sigver.SecurityContext.encrypt_assertion.__defaults__ = ("aes-256", None)


def read(name):
    with open(f"{FOLDER}/{name}.json", encoding="utf8") as file:
        return json.load(file)


def idp(want_signed=False):
    config = IdPConfig().load(
        {
            "entityid": f"{BASE}/idp",
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": [(f"{BASE}/sso", BINDING_HTTP_REDIRECT), (f"{BASE}/sso", BINDING_HTTP_POST)],
                        "single_logout_service": [(f"{BASE}/slo", BINDING_HTTP_REDIRECT), (f"{BASE}/slo", BINDING_HTTP_POST)],
                    },
                    "want_authn_requests_signed": want_signed,
                    "policy": {"default": {"attribute_restrictions": None, "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"}},
                }
            },
            "key_file": f"{FOLDER}/idp.pem",
            "cert_file": f"{FOLDER}/idp.crt",
            "xmlsec_binary": "/usr/bin/xmlsec1",
            "metadata": {"local": [f"{FOLDER}/sp.xml"]},
        }
    )
    return Server(config=config)


def answer(server, options, args):
    return str(
        server.create_authn_response(
            identity=read("person"),
            name_id=PERSON,
            authn=AUTHN,
            sign_response=options["signResponse"],
            sign_assertion=options["signAssertion"],
            encrypt_assertion=options.get("encrypt", False),
            encrypt_assertion_self_contained=True,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **args,
        )
    )


def binding_of(options):
    return BINDING_HTTP_POST if options.get("logoutBinding") == "post" else BINDING_HTTP_REDIRECT


def verify_redirect(server, fields, issuer):
    if "Signature" not in fields:
        raise ValueError("the request is not signed")
    certificates = server.metadata.certs(issuer, "spsso", "signing")
    backend = server.sec.sec_backend
    if not any(sigver.verify_redirect_signature(fields, backend, cert) for cert in certificates):
        raise ValueError("no certificate of the application verifies the signature")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.handle_message({name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}, BINDING_HTTP_REDIRECT)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.handle_message({name: values[0] for name, values in parse_qs(body).items()}, BINDING_HTTP_POST)

    def handle_message(self, fields, binding):
        try:
            self.reply(*self.route(urlsplit(self.path).path, fields, binding))
        except Exception as error:  # What went wrong is what the test wants to read.
            self.reply(500, {}, f"{type(error).__name__}: {error}")

    def route(self, path, fields, binding):
        if path == "/":
            return 200, {}, "ready"
        options = read("options")
        # It looks for a signature within the document only; that of a query is checked below.
        server = idp(options.get("wantSigned", False) and binding == BINDING_HTTP_POST)
        if path == "/sso":
            request = server.parse_authn_request(fields["SAMLRequest"], binding)
            if options.get("wantSigned") and binding == BINDING_HTTP_REDIRECT:
                verify_redirect(server, fields, request.message.issuer.text)
            args = server.response_args(request.message, [BINDING_HTTP_POST])
            destination = args.pop("destination")
            args.pop("binding")
            args.pop("name_id_policy", None)
            xml = answer(server, options, {"destination": destination, **args})
            return self.form(server, xml, destination, fields.get("RelayState", ""))
        if path == "/start":
            xml = answer(server, options, {"in_response_to": None, "destination": options["acs"], "sp_entity_id": options["sp"]})
            return self.form(server, xml, options["acs"], "")
        if path == "/logout":
            request_id, message = server.create_logout_request(
                options["slo"], options["sp"], name_id=PERSON, sign=binding_of(options) == BINDING_HTTP_POST, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256
            )
            return self.send_message(server, binding_of(options), str(message), options["slo"], "", response=False)
        if path == "/slo" and "SAMLRequest" in fields:
            request = server.parse_logout_request(fields["SAMLRequest"], binding)
            if binding == BINDING_HTTP_REDIRECT:
                verify_redirect(server, fields, request.message.issuer.text)
            elif not request.message.signature:
                raise ValueError("the request is not signed")
            reply_by = binding_of(options)
            response = server.create_logout_response(
                request.message, [reply_by], sign=reply_by == BINDING_HTTP_POST, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256
            )
            return self.send_message(server, reply_by, str(response), options["slo"], fields.get("RelayState", ""), response=True)
        if path == "/slo":
            if binding == BINDING_HTTP_REDIRECT:
                verify_redirect(server, fields, options["sp"])
            response = server.parse_logout_request_response(fields["SAMLResponse"], binding)
            return 200, {}, f"logged out: {response.response.status.status_code.value}"
        return 404, {}, "no such page"

    @staticmethod
    def send_message(server, binding, xml, destination, relay_state, response):
        signed = {"sign": True, "sigalg": SIG_RSA_SHA256} if binding == BINDING_HTTP_REDIRECT else {}
        http = server.apply_binding(binding, xml, destination, relay_state, response=response, **signed)
        if binding == BINDING_HTTP_REDIRECT:
            return 303, dict(http["headers"]), ""
        return 200, {"content-type": "text/html"}, http["data"]

    @staticmethod
    def form(server, xml, destination, relay_state):
        http = server.apply_binding(BINDING_HTTP_POST, xml, destination, relay_state, response=True)
        return 200, {"content-type": "text/html"}, http["data"]

    def reply(self, status, headers, body):
        data = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
