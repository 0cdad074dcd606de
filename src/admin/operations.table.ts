import type { Operation } from './operation.js';
import { CLIENT_OPERATIONS } from './operations/client-operations.table.js';
import { PEOPLE_OPERATIONS } from './operations/people-operations.table.js';
import { RECORD_OPERATIONS } from './operations/record-operations.table.js';
import { TENANT_OPERATIONS } from './operations/tenant-operations.table.js';

/**
 * Everything an operator can do. Routes, API description and command line are made of this table; a controller method without a line
 * here cannot be written, and a line without a controller method fails a test.
 */
export const OPERATIONS = [
  ...TENANT_OPERATIONS,
  ...CLIENT_OPERATIONS,
  ...PEOPLE_OPERATIONS,
  ...RECORD_OPERATIONS,
] as const;

export type OperationName = (typeof OPERATIONS)[number]['name'];

export const operationNamed = (name: OperationName): Operation => OPERATIONS.find((each) => each.name === name)!;
