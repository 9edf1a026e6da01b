// Runs at the edge before every socket (CloudFront Functions, cloudfront-js-2.0): what is secret leaves the address, where
// logs would keep it, for headers. Values stay percent-encoded, as they stood there.

// Of these the streamer alone knows; a session's token goes where clients that can send headers put it.
var HEADERS = { api_key: 'x-offhook-api-key', session: 'x-offhook-session', ws_token: 'authorization' };
var SECRETS = Object.keys(HEADERS);
// Whoever sends a token in the header is known by that one; anything else there is no token.
var BEARER = /^bearer ./i;

function handler(event) {
  var request = event.request;
  // What a client sends under our own names itself would count for more than its address.
  delete request.headers[HEADERS.api_key];
  delete request.headers[HEADERS.session];
  Object.keys(request.querystring).forEach(function (name) {
    if (SECRETS.indexOf(decoded(name)) >= 0) {
      move(request, name, decoded(name));
    }
  });
  return request;
}

function move(request, name, secret) {
  var value = firstOf(request.querystring[name]);
  var header = HEADERS[secret];
  var there = request.headers[header];
  if (value && secret === 'ws_token' && !(there && BEARER.test(there.value))) {
    request.headers[header] = { value: 'Bearer ' + value };
  } else if (value && !there) {
    request.headers[header] = { value: value };
  }
  delete request.querystring[name];
}

// Of repeated ones the first counts, and an empty one is none: as the streamer reads an address.
function firstOf(parameter) {
  var given = (parameter.multiValue || [parameter]).filter(function (each) {
    return each.value;
  });
  return given.length ? given[0].value : '';
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    return name;
  }
}
