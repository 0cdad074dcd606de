import { asText } from '../as-text.js';
import type { Json, Transport } from '../http/transport.js';
import { readLeaf } from '../protocol/attributes.js';
import type { Client } from '../protocol/client.js';
import { readPages } from '../protocol/read-pages.js';
import type { Differences } from './difference.js';

export interface Paging {
  readonly byCursor: boolean;
  readonly most: number;
}

/** Reads all users of the server once; compared are the attributes the client sends. The number of those that are not of this run. */
export async function compareUsers(
  client: Client,
  transport: Transport,
  paging: Paging,
  differences: Differences,
): Promise<number> {
  const { directory, users } = client;
  const seen = new Uint8Array(directory.personCount);
  let foreign = 0;
  for await (const resource of readPages(transport, '/Users', 'compare', paging.most, paging)) {
    const id = String(resource['id']);
    const index = users.ids.indexOf(id);
    if (index === undefined) {
      if (!isOurs(resource, directory.domain)) foreign++;
      else differences.add({ resource: 'User', name: String(resource['userName']), id, kind: 'unexpected' });
      continue;
    }
    seen[index] = 1;
    compareUser(client, index, id, resource, differences);
  }
  for (let index = 0; index < directory.personCount; index++) {
    if (seen[index] === 1 || directory.isGone(index)) continue;
    const name = directory.person(index).userName;
    differences.add({ resource: 'User', name, id: users.ids.get(index) ?? null, kind: 'missing' });
  }
  return foreign;
}

function compareUser(client: Client, index: number, id: string, resource: Json, differences: Differences): void {
  const { directory, users, profile } = client;
  const person = directory.person(index);
  for (const { path, value } of users.leaves(person)) {
    const found = asText(readLeaf(resource, path));
    const expected = asText(value);
    // Some clients cannot say that a value is gone; an absent `active` is true (RFC 7643 leaves it to the server).
    if ((value === undefined && !profile.users.clears) || (path === 'active' && found === '' && value === true))
      continue;
    if (found !== expected) {
      const name = person.userName;
      differences.add({ resource: 'User', name, id, kind: 'different', attribute: path, expected, found });
    }
  }
}

const isOurs = (resource: Json, domain: string): boolean =>
  asText(resource['userName']).toLowerCase().endsWith(`@${domain.toLowerCase()}`);
