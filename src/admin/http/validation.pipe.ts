import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { AdminProblem, type InvalidField } from './admin-problem.js';

/** Bodies and queries as their classes say: every fault is told at once, and what no class names is one. */
export const VALIDATION = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => {
    const fields = errors.flatMap((error) => faultsOf(error, '#'));
    const detail = fields.map((field) => field.detail).join('; ');
    return new AdminProblem(422, 'invalid', `${detail}.`, { errors: fields });
  },
});

/** Pointers are JSON pointers (RFC 6901): `~` and `/` in names are escaped. */
function faultsOf({ property, constraints = {}, children = [] }: ValidationError, parent: string): InvalidField[] {
  const pointer = `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(constraints).map(([rule, detail]) => ({
    pointer,
    detail: rule === 'whitelistValidation' ? `${property.slice(0, 100)} is not known here` : detail,
  }));
  return [...own, ...children.flatMap((child) => faultsOf(child, pointer))];
}
