import { asText } from '../as-text.js';
import type { Json, Transport } from '../http/transport.js';
import { parallel } from '../parallel.js';
import type { Client } from '../protocol/client.js';
import type { GroupProvisioner } from '../protocol/group-provisioner.js';
import { readPages } from '../protocol/read-pages.js';
import type { Paging } from './compare-users.js';
import type { Differences } from './difference.js';

/** Reads the groups of the server, and the members of each by itself. The number of groups that are not of this run. */
export async function compareGroups(
  client: Client,
  transport: Transport,
  paging: Paging,
  limit: number,
  differences: Differences,
): Promise<number> {
  const { directory, groups } = client;
  if (!groups) return 0;
  const seen = new Uint8Array(directory.groupsEver);
  let foreign = 0;
  const options = { ...paging, query: 'excludedAttributes=members' };
  for await (const resource of readPages(transport, '/Groups', 'compare', paging.most, options)) {
    const id = String(resource['id']);
    const index = groups.ids.indexOf(id);
    if (index !== undefined) seen[index] = 1;
    else if (!asText(resource['displayName']).includes(`(${directory.mark})`)) foreign++;
    else differences.add({ resource: 'Group', name: asText(resource['displayName']), id, kind: 'unexpected' });
  }
  await parallel(directory.groups(), limit, async (index) => {
    const id = groups.ids.get(index);
    const { displayName: name } = directory.group(index);
    const resource = seen[index] === 1 && id !== undefined ? await read(transport, id) : undefined;
    if (!resource) differences.add({ resource: 'Group', name, id: id ?? null, kind: 'missing' });
    else compareGroup(client, groups, index, resource, differences);
  });
  return foreign;
}

async function read(transport: Transport, id: string): Promise<Json | undefined> {
  const path = `/Groups/${id}`;
  const { status, json } = await transport.send({ kind: 'compare', subject: id, method: 'GET', path });
  if (status === 200) return json;
  if (status === 404) return undefined;
  throw new Error(`GET ${path} was answered ${status}: ${asText(json['detail'])}`);
}

function compareGroup(
  client: Client,
  groups: GroupProvisioner,
  index: number,
  resource: Json,
  differences: Differences,
): void {
  const { directory, users, profile } = client;
  const { displayName, externalId } = directory.group(index);
  const about = { resource: 'Group', name: displayName, id: groups.ids.get(index)! } as const;
  const sent = { displayName, ...(profile.groups!.sendsExternalId ? { externalId } : {}) };
  for (const [attribute, expected] of Object.entries(sent)) {
    const found = asText(resource[attribute]);
    if (found !== expected) differences.add({ ...about, kind: 'different', attribute, expected, found });
  }
  const members = Array.isArray(resource['members']) ? (resource['members'] as Json[]) : [];
  const unexplained = new Set(members.map(({ value }) => asText(value)));
  const nameOf = (person: number) => directory.person(person).userName;
  for (const person of directory.membersOf(index)) {
    const id = users.ids.get(person);
    if (id === undefined || unexplained.delete(id)) continue;
    differences.add({ ...about, kind: 'member missing', expected: nameOf(person) });
  }
  for (const id of unexplained) {
    const person = users.ids.indexOf(id);
    differences.add({ ...about, kind: 'member unexpected', found: person === undefined ? id : nameOf(person) });
  }
}
