import { describe, expect, it } from 'vitest';
import { consumerId } from '../../src/domain/consumer.ts';

describe('what people call a consumer', () => {
  it.each([
    ['restart', 'cluster restart Deployment shop/checkout'],
    ['forceSync', 'cluster forceSync Deployment shop/checkout'],
    ['webhook', 'cluster webhook'],
  ] as const)(
    'says what is done by which connection, and where that has more than one place: %s',
    (does, want) => {
      expect(consumerId({ connection: 'cluster', does, address: 'Deployment shop/checkout' })).toBe(want);
    },
  );
});
