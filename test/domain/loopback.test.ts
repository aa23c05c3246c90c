import { describe, expect, it } from 'vitest';
import { isLoopback, isPlainToOthers } from '../../src/domain/loopback.ts';

describe('a host', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.10.200.3', true],
    ['::1', true],
    ['[::1]', true],
    ['localhost.example.com', false],
    ['my-localhost', false],
    ['127.0.0.1.example.com', false],
    ['127.0.0', false],
    ['127.0.0.x', false],
    ['127a0b0c1', false],
    ['1127.0.0.1', false],
    ['128.0.0.1', false],
    ['::11', false],
    ['fe80::1', false],
    ['0.0.0.0', false],
    ['', false],
  ])('%s is this machine itself: %s', (host, want) => {
    expect(isLoopback(host)).toBe(want);
  });
});

describe('what is sent to', () => {
  it.each([
    ['http://example.com/hook', true],
    ['http://10.0.0.7:8080', true],
    ['http://127.0.0.1.example.com', true],
    ['http://localhost:4010', false],
    ['http://127.0.0.1:4010/v1', false],
    ['http://[::1]:4010', false],
    ['https://example.com', false],
    ['not a URL', false],
  ])('%s is readable by others on the way: %s', (url, want) => {
    expect(isPlainToOthers(url)).toBe(want);
  });
});
