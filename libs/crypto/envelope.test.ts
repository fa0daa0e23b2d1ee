import fc from 'fast-check';
import { companyId, userId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import {
  createDataKey,
  createOpener,
  keyEncryptionFromSettings,
  localKeyEncryption,
  openPersonal,
  rewrap,
  sealPersonal,
  sealWith,
} from './index.ts';

const oldKey = Buffer.alloc(32, 1).toString('base64');
const newKey = Buffer.alloc(32, 2).toString('base64');
const before = localKeyEncryption({ keys: { old: oldKey }, currentKeyId: 'old' });
const during = localKeyEncryption({ keys: { old: oldKey, new: newKey }, currentKeyId: 'new' });
const after = localKeyEncryption({ keys: { new: newKey }, currentKeyId: 'new' });
const unreadable: unknown = expect.objectContaining({ code: 'SEALED_DATA_UNREADABLE', retryable: false });

function flip(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

describe('sealed data', () => {
  it('sealed data opens to the bytes that were sealed, for any bytes and any additional data', async () => {
    const dataKey = await createDataKey(before);
    const opener = createOpener(before);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.string(), async (bytes, aad) => {
        expect(await opener.open(sealWith(dataKey, bytes, aad), aad)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('sealed data does not open after a single bit of it changes', async () => {
    const dataKey = await createDataKey(before);
    const opener = createOpener(before);
    const part = fc.constantFrom('wrapped_key', 'nonce', 'ciphertext');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), part, fc.nat(), async (bytes, name, bit) => {
        const sealed = sealWith(dataKey, bytes, 'job 1');
        const changed = { ...sealed, [name]: flip(sealed[name], bit) };
        await expect(opener.open(changed, 'job 1')).rejects.toEqual(unreadable);
      }),
    );
  });

  it('sealed data does not open under other additional data', async () => {
    const sealed = sealWith(await createDataKey(before), Buffer.from('x'), 'job 1');
    await fc.assert(
      fc.asyncProperty(
        fc.string().filter((aad) => aad !== 'job 1'),
        async (aad) => {
          await expect(createOpener(before).open(sealed, aad)).rejects.toEqual(unreadable);
        },
      ),
    );
  });

  it.each(['wrapped_key', 'nonce', 'ciphertext'] as const)(
    'sealed data does not open with a truncated %s',
    async (name) => {
      const sealed = sealWith(await createDataKey(before), Buffer.from('text'), 'a');
      for (const length of [0, 5, sealed[name].length - 1]) {
        const cut = { ...sealed, [name]: sealed[name].subarray(0, length) };
        await expect(createOpener(before).open(cut, 'a')).rejects.toEqual(unreadable);
      }
    },
  );

  it('sealed data shows neither the plaintext nor the data key, and never uses a nonce twice', async () => {
    const dataKey = await createDataKey(before);
    const text = Buffer.from('a text that would be seen');
    const sealed = Array.from({ length: 1000 }, () => sealWith(dataKey, text, 'a'));
    expect(new Set(sealed.map(({ nonce }) => nonce.toString('hex'))).size).toBe(1000);
    for (const { ciphertext, wrapped_key } of sealed) {
      expect(ciphertext.includes(text)).toBe(false);
      expect(wrapped_key.includes(dataKey.key)).toBe(false);
    }
  });

  it('sealed data has the sizes that the schema documents', async () => {
    const sealed = sealWith(await createDataKey(before), Buffer.alloc(10), 'a');
    expect(sealed.wrapped_key).toHaveLength(12 + 32 + 16);
    expect(sealed.nonce).toHaveLength(12);
    expect(sealed.ciphertext).toHaveLength(10 + 16);
  });
});

describe('rotation of the key-encryption key', () => {
  it('data sealed under the old key opens while the settings still list that key', async () => {
    const sealed = sealWith(await createDataKey(before), Buffer.from('x'), 'a');
    expect((await createOpener(during).open(sealed, 'a')).toString()).toBe('x');
  });

  it('createDataKey wraps with the current key', async () => {
    expect((await createDataKey(during)).keyId).toBe('new');
  });

  it('opening fails with a retryable error that names the missing key after the old key is removed', async () => {
    const sealed = sealWith(await createDataKey(before), Buffer.from('x'), 'a');
    await expect(createOpener(after).open(sealed, 'a')).rejects.toMatchObject({
      code: 'ENCRYPTION_KEY_UNKNOWN',
      retryable: true,
      params: { key_id: 'old' },
    });
  });

  it('rewrap makes data readable without the old key', async () => {
    const sealed = sealWith(await createDataKey(before), Buffer.from('x'), 'a');
    const { keyId, wrappedKey } = await rewrap(during, {
      keyId: sealed.key_id,
      wrappedKey: sealed.wrapped_key,
    });
    const rewrapped = { ...sealed, key_id: keyId, wrapped_key: wrappedKey };
    expect((await createOpener(after).open(rewrapped, 'a')).toString()).toBe('x');
  });

  it('opening rejects a wrapped key that is presented under another key id', async () => {
    const same = localKeyEncryption({ keys: { a: oldKey, b: oldKey }, currentKeyId: 'a' });
    const sealed = sealWith(await createDataKey(same), Buffer.from('x'), 'a');
    await expect(createOpener(same).open({ ...sealed, key_id: 'b' }, 'a')).rejects.toEqual(unreadable);
  });
});

describe('createOpener', () => {
  it('an opener unwraps a data key again only after other data keys replaced it in the cache', async () => {
    const unwrapped: string[] = [];
    const counting = {
      unwrap: (keyId: string, wrappedKey: Uint8Array) => {
        unwrapped.push(keyId);
        return before.unwrap(keyId, wrappedKey);
      },
    };
    const opener = createOpener(counting, { capacity: 2 });
    const keys = await Promise.all([createDataKey(before), createDataKey(before), createDataKey(before)]);
    const sealed = keys.map((key) => sealWith(key, Buffer.from('x'), 'a'));
    const open = async (index: number) => {
      const data = sealed[index];
      if (data !== undefined) await opener.open(data, 'a');
    };
    for (const index of [0, 1, 0, 0, 1]) await open(index);
    expect(unwrapped).toHaveLength(2);
    await open(2); // pushes out key 0
    await open(1);
    expect(unwrapped).toHaveLength(3);
    await open(0);
    expect(unwrapped).toHaveLength(4);
  });
});

describe('personal data', () => {
  const scope = { companyId: companyId('c1'), userId: userId('u1') };
  const data = { email: 'ayu@example.com', name: 'Ayu', criterion: { search: 'budi', filters: [] } };

  it('personal data opens to the values that were sealed', async () => {
    const sealed = sealPersonal(await createDataKey(before), data, scope);
    expect(await openPersonal(createOpener(before), sealed, scope)).toEqual(data);
  });

  it('personal data does not open for another user or another company', async () => {
    const sealed = sealPersonal(await createDataKey(before), data, scope);
    const opener = createOpener(before);
    for (const other of [
      { ...scope, userId: userId('u2') },
      { ...scope, companyId: companyId('c2') },
    ]) {
      await expect(openPersonal(opener, sealed, other)).rejects.toEqual(unreadable);
    }
  });

  it.each(['no JSON ayu@example.com', '{"name":"ayu@example.com"}', 'null'])(
    'openPersonal rejects sealed bytes that are not personal data and does not quote them: %s',
    async (text) => {
      const aad = JSON.stringify(['waybill:personal', 'c1', 'u1']);
      const sealed = sealWith(await createDataKey(before), Buffer.from(text), aad);
      const error: unknown = await openPersonal(createOpener(before), sealed, scope).catch(
        (cause: unknown) => cause,
      );
      expect(error).toEqual(unreadable);
      expect(JSON.stringify([error, String((error as Error).cause)])).not.toContain('ayu@'); // unreadable is an Error
    },
  );
});

describe('keyEncryptionFromSettings', () => {
  it('keyEncryptionFromSettings accepts several keys and one current id', async () => {
    const keys = keyEncryptionFromSettings({
      KEY_ENCRYPTION_KEYS: `old:${oldKey}, new:${newKey}`,
      KEY_ENCRYPTION_KEY_ID: 'new',
    });
    const sealed = sealWith(await createDataKey(keys), Buffer.from('x'), 'a');
    expect((await createOpener(after).open(sealed, 'a')).toString()).toBe('x');
  });

  it.each([
    ['no key', '', 'a', 'entry 1 is not of the form id:base64'],
    ['an entry without an id', `:${oldKey}`, 'a', 'entry 1'],
    ['a key that is too short', 'a:c2hvcnQ=', 'a', 'the key a is not 32 bytes'],
    ['a key that is not base64', `a:${'*'.repeat(44)}`, 'a', 'the key a is not 32 bytes'],
    ['an id that occurs twice', `a:${oldKey},a:${newKey}`, 'a', 'the id a occurs twice'],
    ['a current id without a key', `a:${oldKey}`, 'b', 'KEY_ENCRYPTION_KEY_ID is b'],
  ])('keyEncryptionFromSettings rejects %s and shows no key', (_what, keys, keyId, text) => {
    const read = () => keyEncryptionFromSettings({ KEY_ENCRYPTION_KEYS: keys, KEY_ENCRYPTION_KEY_ID: keyId });
    expect(read).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
    expect(read).toThrow(text);
    expect(read).not.toThrow(oldKey);
  });
});
