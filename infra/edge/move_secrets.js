// Runs at the edge before every socket (CloudFront Functions, cloudfront-js-2.0): what is secret leaves the address, where
// logs would keep it, for headers of which the streamer alone knows. Values stay percent-encoded, as they stood there.

var SECRETS = ['api_key', 'session'];

function handler(event) {
  var request = event.request;
  // What a client sends under these names itself would count for more than its address.
  SECRETS.forEach(function (secret) {
    delete request.headers[headerOf(secret)];
  });
  Object.keys(request.querystring).forEach(function (name) {
    if (SECRETS.indexOf(decoded(name)) >= 0) {
      move(request, name, headerOf(decoded(name)));
    }
  });
  return request;
}

function move(request, name, header) {
  var value = firstOf(request.querystring[name]);
  if (value && !request.headers[header]) {
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

function headerOf(secret) {
  return 'x-offhook-' + secret.replace('_', '-');
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    return name;
  }
}
