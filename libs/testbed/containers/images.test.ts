import { describe, expect, it } from 'vitest';
import { SERVER_NAMES } from '../index.ts';
import { containerRecipe, imageOf, imageSetting } from './images.ts';

const ports = { first: 20_001, second: 20_002 };
const keys = { region: 'eu-west-1', accessKeyId: 'key', secretAccessKey: 'secret' };

describe('container images', () => {
  it('have a version each, unless a setting names another image', () => {
    for (const server of SERVER_NAMES) {
      expect(imageOf(server, {})).toMatch(/^[a-z0-9./-]+:v?\d/);
      expect(imageOf(server, { [imageSetting(server)]: '' })).toBe(imageOf(server, {}));
      expect(imageOf(server, { [imageSetting(server)]: `registry.example.test/${server}` })).toBe(
        `registry.example.test/${server}`,
      );
    }
    expect(imageSetting('s3')).toBe('WAYBILL_IMAGE_S3');
  });

  it('have the settings of the native broker for Kafka, under the names that the image reads', () => {
    const { environment } = containerRecipe('kafka', ports, keys, {});
    expect(environment).toMatchObject({
      KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://127.0.0.1:20001',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_BROKER_SESSION_TIMEOUT_MS: '3000',
    });
  });

  it('have the keys of the object storage in the environment, not in the command', () => {
    const { environment, command } = containerRecipe('s3', ports, keys, {});
    expect(environment).toEqual({ ROOT_ACCESS_KEY: 'key', ROOT_SECRET_KEY: 'secret' });
    expect(command?.join(' ')).toContain('--region eu-west-1');
    expect(command?.join(' ')).not.toContain('secret');
  });
});
