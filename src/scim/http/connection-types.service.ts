import { Injectable } from '@nestjs/common';
import type { Connection } from '../../organizations/connection.js';
import { extendedTypes, PLAIN_TYPES, withoutCredentials, type ResourceTypes } from '../protocol/resource-types.js';

const strict = ({ User, Group }: ResourceTypes): ResourceTypes => ({
  User: withoutCredentials(User),
  Group: withoutCredentials(Group),
});
const STRICT_TYPES = strict(PLAIN_TYPES);

/** Tables of that many connections are kept; those of the one that asked last the longest. */
const MOST_KEPT = 500;

/** The resource types of a connection; the same value as long as the connection says the same, for lookup tables hang on its identity. */
@Injectable()
export class ConnectionTypes {
  private readonly kept = new Map<string, ResourceTypes>();

  of({ provisioning, schemas: { revision, extensions } }: Connection): ResourceTypes {
    const isStrict = provisioning.dialect === 'strict';
    if (extensions.length === 0) return isStrict ? STRICT_TYPES : PLAIN_TYPES;
    const key = `${provisioning.dialect} ${revision}`;
    const types = this.kept.get(key) ?? (isStrict ? strict(extendedTypes(extensions)) : extendedTypes(extensions));
    this.kept.delete(key);
    this.kept.set(key, types);
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value!);
    return types;
  }
}
