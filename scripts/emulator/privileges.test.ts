import { wasAllowed } from './privileges.ts';

test.each(['allowed', 'PreconditionFailed'])('%s was let in', (outcome) => {
  expect(wasAllowed(outcome)).toBe(true);
});

test.each(['AccessDenied', 'AccessDeniedException', 'AuthorizationError', 'AuthorizationErrorException'])(
  '%s was not',
  (outcome) => {
    expect(wasAllowed(outcome)).toBe(false);
  },
);

test.each(['NoSuchKey', 'ValidationException', 'TimeoutError', 'NotAllowed', ''])('%j says neither', (outcome) => {
  expect(wasAllowed(outcome)).toBeUndefined();
});
