import { isNativeError } from 'node:util/types';

/**
 * Jest runs tests in a realm of their own, where an error that Node's sockets and files raise is not an instance of
 * Error. The AWS client asks exactly that to tell a lost connection, so it needs the answer that it gets outside Jest.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    // Subclasses inherit this method and keep their usual meaning.
    return this === Error ? isNativeError(value) : Function.prototype[Symbol.hasInstance].call(this, value);
  },
});
