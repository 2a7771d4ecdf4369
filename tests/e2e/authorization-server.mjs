// An authorization server from the npm package `oauth2-mock-server` on a loopback
// port. It knows one client, and rejects a wrong secret (RFC 6749, 5.2). It logs a
// line for each token request: grant, client, status.
// usage: node authorization-server.mjs MODULES PORT CLIENT SECRET
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const [modules, port, client, secret] = process.argv.slice(2);
const require = createRequire(resolve(modules, 'package.json'));
const { OAuth2Server } = await import(pathToFileURL(require.resolve('oauth2-mock-server')));

/** The id and the secret of the client, from the header or the form (RFC 6749, 2.3.1). */
function credentials(request) {
  const basic = /^Basic (.*)$/i.exec(request.headers.authorization ?? '');
  if (!basic) {
    return [request.body.client_id, request.body.client_secret];
  }
  const [name, ...rest] = Buffer.from(basic[1], 'base64').toString().split(':');
  return [name, rest.join(':')].map(decodeURIComponent);
}

const server = new OAuth2Server();
await server.issuer.keys.generate('RS256');
server.service.on('beforeResponse', (response, request) => {
  const [name, given] = credentials(request);
  if (name !== client || given !== secret) {
    response.statusCode = 401;
    response.body = { error: 'invalid_client', error_description: 'no such client' };
  }
  console.log(`${request.body.grant_type} ${name} ${response.statusCode}`);
});
process.on('SIGTERM', () => process.exit(0));
await server.start(Number(port), '127.0.0.1');
