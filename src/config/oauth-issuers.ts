import { z } from 'zod';
import { operations } from '../call.ts';
import { secretOf } from '../observability/secret.ts';
import { isThisMachine } from './this-machine.ts';

/** Of signatures with a public key: with a shared secret, whoever can check a token could make one. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

/** Whoever can read or change what is exchanged with an issuer can make tokens. */
function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isThisMachine(hostname);
}

const issuerUrl = z
  .url({ protocol: /^https?$/, abort: true })
  .refine(isProtected, 'must begin with https:// (http:// only on this machine)');

const text = z.string().min(1).max(500);

/** An authorization server whose tokens are accepted. */
export const oauthIssuer = z.strictObject({
  issuer: issuerUrl.describe('As its tokens name it in `iss`, exactly.'),
  audience: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe(
      'What tokens for this server have in `aud`. Default: the address of the MCP endpoint under `publicUrl`.',
    ),
  jwksUri: issuerUrl.optional().describe("Where its keys are. Default: what the issuer's metadata say."),
  algorithms: z
    .array(z.enum(algorithms))
    .min(1)
    .default(['RS256', 'ES256', 'EdDSA', 'PS256'])
    .describe('Of signatures.'),
  clockSkewS: z.int().min(0).max(300).default(30).describe('By how much clocks may differ, s.'),
  scopes: z
    .record(text, z.array(z.enum(operations)).min(1))
    .optional()
    .describe(
      'What each scope of a token allows: `{"crm.read": ["read"]}`. Default: `read`, `ingest`, `run`, `write` and `destroy`, also behind `scopePrefix`.',
    ),
  scopePrefix: z.string().max(500).default('hydrogen:').describe('May stand before the name of a scope.'),
  nameClaim: text
    .optional()
    .describe('The claim with the name. Default: `name`, `preferred_username` or `email`.'),
  rolesClaim: text.optional().describe('The claim with roles: a text or a list; a path in it is dotted.'),
  roles: z
    .record(text, text)
    .optional()
    .describe('The role of the settings for each value of that claim. Default: the value itself.'),
  defaultRole: text.optional().describe('The role of those that have no other one.'),
  claims: z
    .array(text)
    .optional()
    .describe('Claims that rules for rows may ask for, besides `sub`. Default: all that are short texts.'),
  introspection: z
    .strictObject({
      url: issuerUrl.describe('Where the issuer says whether a token is active (RFC 7662).'),
      clientId: text,
      clientSecret: text
        .transform(secretOf)
        .describe('A secret: `clientSecretFile` keeps it out of this file.'),
    })
    .optional()
    .describe('For opaque tokens, which only their issuer can read.'),
});

export type OauthIssuer = z.output<typeof oauthIssuer>;
