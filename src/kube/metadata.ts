/*
 * What asks for metadata only (Kubernetes: API concepts, "Metadata-only fetches").
 */

/** The Accept header of one object. */
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * The Accept header of a list: protobuf is half the bytes and less than half the work of an API server. What answers may
 * still choose JSON.
 */
export const METADATA_LIST = `application/vnd.kubernetes.protobuf;${LIST}, application/json;${LIST}`;
