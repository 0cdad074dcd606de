import { Injectable } from '@nestjs/common';
import type { Connection } from '../../organizations/connection.js';
import { PLAIN_TYPES, withoutCredentials, type ResourceTypes } from '../protocol/resource-types.js';

const STRICT_TYPES: ResourceTypes = {
  User: withoutCredentials(PLAIN_TYPES.User),
  Group: withoutCredentials(PLAIN_TYPES.Group),
};

/** The resource types of a connection; the same value as long as the connection says the same, for lookup tables hang on its identity. */
@Injectable()
export class ConnectionTypes {
  of({ provisioning }: Connection): ResourceTypes {
    return provisioning.dialect === 'strict' ? STRICT_TYPES : PLAIN_TYPES;
  }
}
