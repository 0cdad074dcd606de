import type { GroupContent } from '../../directory/group-content.reader.js';
import type { Addresses } from '../http/addresses.js';
import { projectAttributes, type Projection } from '../protocol/project-attributes.js';
import type { JsonObject, ResourceType } from '../protocol/schema/attribute.js';
import { toMember, toScimGroup } from './to-scim-group.js';

/** A group as JSON text, piece by piece as its members come; what is shown is what `to-scim-group` and the projection would show at once. */
export async function* printGroup(
  parts: AsyncIterable<GroupContent>,
  type: ResourceType,
  projection: Projection,
  addresses: Addresses,
): AsyncGenerator<string> {
  let separator: string | undefined;
  for await (const { group, members } of parts) {
    let text = '';
    if (separator === undefined) {
      const { members: _, ...rest } = projectAttributes(toScimGroup(type, group, [], addresses), projection);
      text = `${JSON.stringify(rest).slice(0, -1)},"members":[`;
      separator = '';
    }
    const shown = shownMembers(members, projection, addresses);
    if (shown !== '') {
      text += separator + shown;
      separator = ',';
    }
    yield text;
  }
  if (separator !== undefined) yield ']}';
}

function shownMembers(members: GroupContent['members'], projection: Projection, addresses: Addresses): string {
  const all: JsonObject = { members: members.map((member) => toMember(member, addresses)) };
  return JSON.stringify(projectAttributes(all, projection)['members'] ?? []).slice(1, -1);
}
