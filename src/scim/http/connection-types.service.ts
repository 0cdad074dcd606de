import { Injectable } from '@nestjs/common';
import type { Connection } from '../../organizations/connection.js';
import { PLAIN_TYPES, type ResourceTypes } from '../protocol/resource-types.js';

/** The resource types of a connection; the same value as long as the connection says the same, for lookup tables hang on its identity. */
@Injectable()
export class ConnectionTypes {
  of(_connection: Connection): ResourceTypes {
    return PLAIN_TYPES;
  }
}
