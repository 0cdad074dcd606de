import { checkPage } from './check-page.js';
import { GAPS, SCIM_REQUIREMENTS } from './scim-requirements.js';

describe('the page of SCIM requirements and their tests', () => {
  checkPage('docs/spec-coverage.md', {
    title: 'SCIM: requirements and their tests',
    intro:
      'What RFC 7643, 7644 and 9865 ask of a service provider, in our words, and the tests that show it. Made of the titles of the ' +
      'tests by `npm run spec-coverage`; a test fails when it is out of date, or a requirement is without a test.',
    requirements: SCIM_REQUIREMENTS,
    gaps: GAPS,
  });
});
