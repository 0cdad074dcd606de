import { DEMO_SLUG, SCIM_GROUP } from './demo-people.js';

export interface BannerFacts {
  /** This server's address. */
  readonly url: string;
  readonly idpUrl: string;
  readonly connectionId: string;
  readonly scimToken: string | undefined;
  readonly adminToken: string | undefined;
  readonly scimGroupId: string | undefined;
}

const GRACE = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'grace@example.com',
  displayName: 'Grace Hopper',
  emails: [{ value: 'grace@example.com', type: 'work', primary: true }],
};

/** What the terminal shows when a demo has started: where to go, and commands that work as they stand. */
export function toBanner(facts: BannerFacts): string {
  const { url, idpUrl, scimToken, adminToken, scimGroupId } = facts;
  const shown = (token: string | undefined) =>
    token === undefined ? '(token shown at the first start)' : `token ${token}`;
  return [
    '',
    'Rollcall runs as a demo: anybody can sign in. Not for real data.',
    '',
    `  Start page  ${url}/`,
    `  Demo IdP    ${idpUrl}/`,
    `  SCIM        ${url}/scim/v2   ${shown(scimToken)}`,
    `  Admin API   ${url}/admin/v1   ${shown(adminToken)}`,
    '  Docs        README.md and docs/',
    '',
    ...(scimToken === undefined || scimGroupId === undefined
      ? newTokens(facts.connectionId)
      : examples(url, scimToken, scimGroupId)),
    '',
    '',
  ].join('\n');
}

const newTokens = (connectionId: string): string[] => [
  'Tokens are kept as hashes and cannot be shown again. New ones:',
  '',
  `  npm run cli -- scim-token rotate ${DEMO_SLUG} ${connectionId} --name demo`,
  '  npm run cli -- admin-token create --name demo',
];

/** The id of the person is asked for, so that the commands work in any order after the first and more than once. */
function examples(url: string, token: string, groupId: string): string[] {
  const asClient = `-H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/scim+json'`;
  const filter = `--data-urlencode 'filter=userName eq "${GRACE.userName}"'`;
  const patch = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"'$ID'"}]}]}`;
  return [
    `Create a user by SCIM, find the user, add the user to the group "${SCIM_GROUP}" (paste all of it):`,
    '',
    `  SCIM=${url}/scim/v2 TOKEN=${token}`,
    `  curl -sS $SCIM/Users ${asClient} -d '${JSON.stringify(GRACE)}'; echo`,
    `  ID=$(curl -sSG $SCIM/Users ${asClient} ${filter} | tee /dev/stderr | grep -oE '"id":"[^"]+"' | cut -d'"' -f4); echo`,
    `  curl -sS -X PATCH $SCIM/Groups/${groupId} ${asClient} -d '${patch}'; echo`,
  ];
}
