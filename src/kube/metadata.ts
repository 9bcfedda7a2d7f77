/*
 * What asks for metadata only (Kubernetes: API concepts, "Metadata-only fetches").
 */

/** The Accept header of one object. */
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** The Accept header of a list. */
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
