import schemathesis, json, pytest
from schemathesis import Case
from local.openapi import openapi_text
from hypothesis import settings, HealthCheck
pytest_plugins=["tests.support.aws"]
from tests.support.rest import *
schema = schemathesis.openapi.from_dict(json.loads(openapi_text()))
agents = schema.include(path_regex=r"/agents")
@agents.parametrize()
@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
def test_it(case: Case, install, organization_id):
    global T
    try: T
    except NameError: T = install.new_tenant(organization_id)
    base=str(install.http.base_url)
    r = case.call(base_url=base, headers=T.headers)
    assert r.status_code < 500, r.text
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import status_code_conformance, response_schema_conformance, content_type_conformance
    case.validate_response(r, checks=[not_a_server_error, status_code_conformance, response_schema_conformance, content_type_conformance])
