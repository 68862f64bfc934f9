#!/usr/bin/env bash
# What a careful operator would write: fetch a page, compress it as it arrives, post it as it is compressed.
#
# Keeps no place, retries nothing, drops no duplicates and sends whole pages instead of events. The first bytes of a
# page, which hold the next page's token, are compressed on their own: both formats allow frames one after another,
# and nothing has to be read twice.
#
# shell_loop.sh INCYDR_URL CLIENT_ID CLIENT_SECRET SUMO_URL zstd|gzip FOLDER
set -euo pipefail
incydr=$1 client_id=$2 client_secret=$3 sumo=$4 program=$5 folder=$6

token=$(curl --silent --fail --data '' --user "$client_id:$client_secret" \
    "$incydr/v1/oauth?grant_type=client_credentials" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

search() {
    printf '{"groups":[{"filterClause":"AND","filters":[{"term":"event.inserted","operator":"ON_OR_AFTER",'
    printf '"value":"2000-01-01T00:00:00.000Z"}]}],"groupClause":"AND","pgToken":"%s","pgSize":10000,' "$1"
    printf '"srtKey":"event.inserted","srtDir":"asc"}'
}

compress() {
    "$program" -1 --quiet --stdout
}

page_token=
while
    curl --silent --fail --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
        --data "$(search "$page_token")" "$incydr/v2/file-events" |
        { head --bytes=256 | tee "$folder/head" | compress; compress; } |
        curl --silent --fail --request POST --upload-file - --header 'Expect:' \
            --header "Content-Encoding: $program" "$sumo"
    page_token=$(sed -n 's/.*"nextPgToken":"\([^"]*\)".*/\1/p' "$folder/head")
    [[ -n $page_token ]]
do :; done
