#!/usr/bin/env bash
# The calls of Sumo Logic's documentation as they stand there: curl with -u, -X, -T and -H.
set -euo pipefail

api="$API_URL/api/v1"
folder="$(mktemp --directory)"
trap 'rm --recursive "$folder"' EXIT
cd "$folder"

# call STATUS ARGUMENTS…: curl, which must be answered with STATUS; the body is left in `body`, the headers in `headers`.
call() {
    local wanted="$1" status
    shift
    status="$(curl --silent --show-error --dump-header headers --output body --write-out '%{http_code}' \
        -u "$ACCESS_ID:$ACCESS_KEY" "$@")"
    if [[ $status != "$wanted" ]]; then
        echo "curl $*: $status instead of $wanted: $(cat body)" >&2
        return 1
    fi
}

etag() {
    sed --quiet 's/^etag: *\([^\r]*\)\r*$/\1/Ip' headers
}

number() {
    sed --quiet 's/^{"[a-z]*":{"id":\([0-9]*\).*/\1/p' body
}

cat >hosted_collector.json <<'JSON'
{
  "collector":{
    "collectorType":"Hosted",
    "name":"My Hosted Collector",
    "description":"An example Hosted Collector",
    "category":"HTTP Collection",
    "fields":{
      "_budget":"test_budget"
    }
  }
}
JSON
call 201 -X POST -H "Content-Type: application/json" -T hosted_collector.json "$api/collectors"
collector="$(number)"
call 200 -X GET "$api/collectors"
call 200 "$api/collectors?limit=10&offset=0&filter=hosted"
call 200 -X GET "$api/collectors/offline?aliveBeforeDays=10"
call 200 -X GET "$api/collectors/name/My%20Hosted%20Collector/"
call 200 -v -X GET "$api/collectors/$collector" 2>/dev/null
tag="$(etag)"
sed 's/An example/A changed/; s/{"collector":{/&"targetCpu":-1,/' body >updated_collector.json
call 403 -X PUT -H "Content-Type: application/json" -T updated_collector.json "$api/collectors/$collector"
call 200 -X PUT -H "Content-Type: application/json" -H "If-Match: $tag" -T updated_collector.json "$api/collectors/$collector"
call 412 -X PUT -H "Content-Type: application/json" -H "If-Match: $tag" -T updated_collector.json "$api/collectors/$collector"

cat >code42.json <<JSON
{
    "api.version": "v1",
    "source": {
        "config": {
  "name": "Code42",
  "description": "Code42",
  "category": "code42",
  "baseURL": "$INCYDR_URL",
  "clientID": "$CLIENT_ID",
  "secretKey": "$SECRET_KEY",
  "dataCollection": [
    "auditLogs",
    "alerts",
    "fileEvents"
  ]
},
        "schemaRef": {
            "type": "Code42Incydr"
        },
        "sourceType": "Universal"
    }
}
JSON
call 201 -X POST -H "Content-Type: application/json" -T code42.json "$api/collectors/$collector/sources"
source="$(number)"
call 201 -X POST -H "Content-Type: application/json" -H "Transfer-Encoding: chunked" \
    --data-binary @<(sed 's/"name": "Code42"/"name": "In chunks"/' code42.json) "$api/collectors/$collector/sources"
call 200 -X GET "$api/collectors/$collector/sources"
call 200 -X GET "$api/collectors/$collector/sources?download=true"
call 200 -X GET "$api/collectors/$collector/sources/$source"
tag="$(etag)"
call 200 -X PUT -H "Content-Type: application/json" -H "If-Match: $tag" -T body "$api/collectors/$collector/sources/$source"
call 200 -X POST "$api/collectors/$collector/sources/$source/action/restart"
call 200 -X GET "$api/healthEvents?limit=10"
call 200 -X POST -H "Content-Type: application/json" -d '{"fieldName":"team"}' "$api/fields"
call 200 -X GET "$api/fields/quota"
call 200 -X DELETE "$api/collectors/$collector/sources/$source"
call 200 -X DELETE "$api/collectors/$collector"
call 404 -X GET "$api/collectors/$collector"
call 401 -u nobody:nothing "$api/collectors"
echo "the documented calls are served"
