import { Injectable } from '@nestjs/common';
import type { Connection } from '../../organizations/connection.js';
import {
  extendedTypes,
  PLAIN_TYPES,
  withoutCredentials,
  withSharedNames,
  type ResourceTypes,
} from '../protocol/resource-types.js';

/** What of the settings of a connection shows in its types. */
type Settings = Pick<Connection['provisioning'], 'dialect' | 'duplicateGroupNames'>;

function typesFor({ dialect, duplicateGroupNames }: Settings, { User, Group }: ResourceTypes): ResourceTypes {
  const group = duplicateGroupNames ? withSharedNames(Group) : Group;
  return dialect === 'strict'
    ? { User: withoutCredentials(User), Group: withoutCredentials(group) }
    : { User, Group: group };
}

/** Tables of that many connections are kept; those of the one that asked last the longest. */
const MOST_KEPT = 500;

/** The resource types of a connection; the same value as long as the connection says the same, for lookup tables hang on its identity. */
@Injectable()
export class ConnectionTypes {
  private readonly kept = new Map<string, ResourceTypes>();

  of({ provisioning, schemas: { revision, extensions } }: Connection): ResourceTypes {
    const { dialect, duplicateGroupNames } = provisioning;
    const key = `${dialect} ${duplicateGroupNames} ${revision}`;
    const types =
      this.kept.get(key) ?? typesFor(provisioning, extensions.length === 0 ? PLAIN_TYPES : extendedTypes(extensions));
    this.kept.delete(key);
    this.kept.set(key, types);
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value!);
    return types;
  }
}
