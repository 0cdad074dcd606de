import { checkPage } from './check-page.js';
import { IPSIE_REQUIREMENTS } from './ipsie-requirements.js';

describe('the page of the IPSIE profile and its tests', () => {
  checkPage('docs/ipsie-conformance.md', {
    title: 'IPSIE AL1 and AL2: requirements and their tests',
    intro:
      'What the OpenID IPSIE AL SCIM 2.0 Profile (draft 00), and the SCIM interoperability profile (draft-zollner-scim-interop-profile-01) ' +
      'under it, ask of a service provider, in our words, and the tests that show it for a connection with `provisioning.dialect` ' +
      '`strict` ([what strict is](decisions/2026-11-26-dialects.md)). Made of the titles of the tests by `npm run spec-coverage`; a ' +
      'test fails when it is out of date, or a requirement is without a test.',
    requirements: IPSIE_REQUIREMENTS,
    layout: 'table',
  });
});
