/** What kubectl reads before it does anything: versions, resources, and the small part of OpenAPI that it needs. */

import { RESOURCES, type Json, type ResourceInfo } from './model.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update'];

const VERSION: Json = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0-simulated',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'simulated',
};

/** The answer to a discovery path. Health checks get text. */
export function discover(path: string): Json {
  switch (path) {
    case '/api':
      return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
    case '/api/v1':
      return { kind: 'APIResourceList', groupVersion: 'v1', resources: resources() };
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: [] };
    case '/openapi/v2':
      return { swagger: '2.0', info: { title: 'simulated', version: 'v1' }, paths: {} };
    case '/openapi/v3':
      return { paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1' } } };
    case '/openapi/v3/api/v1':
      return { openapi: '3.0.0', info: { title: 'simulated', version: 'v1' }, paths: openapiPaths() };
    case '/version':
      return VERSION;
    default:
      return 'ok';
  }
}

function resources(): Json {
  return Object.entries(RESOURCES).map(([name, { kind, singular, shortNames, namespaced }]) => ({
    name,
    singularName: singular,
    namespaced,
    kind,
    verbs: VERBS,
    ...(shortNames.length === 0 ? {} : { shortNames }),
  }));
}

/** kubectl reads here whether PATCH supports `fieldValidation` and `dryRun`. Without them it validates by itself. */
function openapiPaths(): Json {
  return Object.fromEntries(
    Object.entries(RESOURCES).map(([name, info]) => [pathOf(name, info), patchOf(info)]),
  );
}

function pathOf(name: string, { namespaced }: ResourceInfo): string {
  return namespaced ? `/api/v1/namespaces/{namespace}/${name}/{name}` : `/api/v1/${name}/{name}`;
}

function patchOf({ kind }: ResourceInfo): Json {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }));
  const type = { group: '', version: 'v1', kind };
  return { patch: { parameters, responses: {}, 'x-kubernetes-group-version-kind': type } };
}
