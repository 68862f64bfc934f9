"""Drives the API with Sumo Logic's own Python SDK: collectors, sources, fields, health events."""

import os
import time

from requests import HTTPError
from sumologic import SumoLogic

api = SumoLogic(
    os.environ["ACCESS_ID"],
    os.environ["ACCESS_KEY"],
    endpoint=os.environ["API_URL"] + "/api",
    cookieFile=os.devnull,
)


def refused_with(status, call):
    """What the API says when it refuses `call` with `status`."""
    try:
        call()
    except HTTPError as error:
        assert error.response.status_code == status, error.response.text
        return error.response.json()
    raise AssertionError(f"not refused with {status}")


def state_of(collector, source):
    """The state of a source, as its answer says."""
    found, _ = api.source(collector, source)
    return found["source"]["state"]["state"]


def wait_for(what, holds):
    """Asks until `holds` does; the SDK keeps no pace of its own."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"it never came to this: {what}")


def source_named(name):
    """The JSON of a source of the simulated tenant."""
    config = {
        "name": name,
        "category": "code42",
        "fields": {"_siemForward": False},
        "baseURL": os.environ["INCYDR_URL"],
        "clientID": os.environ["CLIENT_ID"],
        "secretKey": os.environ["SECRET_KEY"],
        "dataCollection": ["auditEvents", "sessions", "fileEvents"],
    }
    return {
        "source": {
            "sourceType": "Universal",
            "schemaRef": {"type": "Code42 Incydr"},
            "config": config,
        }
    }


# Collectors.
wanted = {
    "collector": {
        "collectorType": "Hosted",
        "name": "driven by the SDK",
        "category": "sec/code42",
    }
}
collector = api.create_collector(wanted).json()["collector"]["id"]
duplicate = refused_with(400, lambda: api.create_collector(wanted))
assert duplicate["code"] == "collectors.validation.name.duplicate", duplicate
assert "driven by the SDK" in [one["name"] for one in api.collectors(limit=1000, offset=0)]
assert api.collectors(filter_type="installed") == []
shown, etag = api.collector(collector)
shown["collector"]["description"] = "changed by the SDK"
assert api.update_collector(shown, etag).json()["collector"]["description"] == "changed by the SDK"
refused_with(412, lambda: api.update_collector(shown, etag))

# Sources.
created = api.create_source(collector, source_named("Code42")).json()["source"]
source = created["id"]
assert created["config"]["secretKey"] == "********", created
wait_for("Collecting", lambda: state_of(collector, source) == "Collecting")
shown, etag = api.source(collector, source)
shown["source"]["config"]["description"] = "the whole body, with the masked secret"
updated = api.update_source(collector, shown, etag).json()["source"]
assert updated["config"]["description"].startswith("the whole body"), updated
wait_for("Collecting once more", lambda: state_of(collector, source) == "Collecting")
api.post(f"/collectors/{collector}/sources/{source}/action/restart", {})
assert [one["name"] for one in api.sources(collector, limit=10, offset=0)] == ["Code42"]

# Fields, as the SDK's generic calls reach them.
field = api.post("/fields", {"fieldName": "team"}).json()
assert field in api.get("/fields").json()["data"]
assert api.delete(f"/fields/{field['fieldId']}/disable").status_code == 204
assert api.put(f"/fields/{field['fieldId']}/enable", None).status_code == 204
assert api.get("/fields/quota").json()["remaining"] >= 0
assert api.delete(f"/fields/{field['fieldId']}").status_code == 204

# A source in error, and its health event.
broken = source_named("wrong secret")
broken["source"]["config"]["secretKey"] = "not the secret"
wrong = api.create_source(collector, broken).json()["source"]["id"]
wait_for("Error", lambda: state_of(collector, wrong) == "Error")
wait_for("a health event", lambda: api.get("/healthEvents").json()["data"] != [])
[event] = api.get("/healthEvents").json()["data"]
assert event["eventName"] == "ThirdPartyConfigError", event

# The end of everything.
shown, _ = api.source(collector, wrong)
api.delete_source(collector, shown)
shown, _ = api.collector(collector)
api.delete_collector(shown)
gone = refused_with(404, lambda: api.collector(collector))
assert gone["code"] == "collectors.collector.invalid", gone
print("the SDK is served")
