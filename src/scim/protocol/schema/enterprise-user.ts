/** The enterprise extension of User (RFC 7643 section 4.3). */
import type { Schema } from './attribute.js';
import { attribute, complex, reference } from './define-attribute.js';
import { ENTERPRISE_USER_SCHEMA } from '../urns.js';

export const ENTERPRISE_USER: Schema = {
  id: ENTERPRISE_USER_SCHEMA,
  name: 'EnterpriseUser',
  description: 'What an organization records about the people who work for it',
  attributes: [
    attribute('employeeNumber', 'Number or code the organization gave the person.'),
    attribute('costCenter', 'Cost center.'),
    attribute('organization', 'Organization.'),
    attribute('division', 'Division.'),
    attribute('department', 'Department.'),
    complex('manager', 'The person this person reports to.', [
      attribute('value', 'Identifier of the manager; kept as it was sent, also when it names nobody known here.'),
      reference('$ref', "Address of the manager's User resource.", ['User']),
      attribute('displayName', "The manager's name.", { mutability: 'readOnly' }),
    ]),
  ],
};
