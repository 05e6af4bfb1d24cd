"""A schema registry that speaks Confluent's REST API (Apicurio, Karapace and Redpanda do), by its client library."""

import json
from urllib.parse import urlsplit

from schemas.avsc import Schema
from schemas.errors import RegistryUnavailable, UnknownFingerprint

try:
    from confluent_kafka.schema_registry import Schema as RegistrySchema
    from confluent_kafka.schema_registry import SchemaRegistryClient, SchemaRegistryError
except ImportError as error:
    raise ImportError(
        f"a schema registry needs further packages ({error}): pip install 'penstock[registry]'"
    ) from error

NOT_FOUND = 404


class Registry:
    """Both calls block on the network and are cached by the client; each raises RegistryUnavailable."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc.rpartition("@")[2]  # errors must not show a password in the URL
        self._client = SchemaRegistryClient({"url": url})

    def register(self, subject: str, schema: Schema) -> int:
        """The id of `schema` under `subject`: the existing one when it is registered already."""
        try:
            return int(self._client.register_schema(subject, RegistrySchema(json.dumps(schema), "AVRO")))
        except Exception as error:  # the client lets its HTTP library's own errors through
            raise RegistryUnavailable(f"{self._host}: {subject} could not be registered: {error}") from error

    def schema(self, schema_id: int) -> Schema:
        """The schema with this id. Raises UnknownFingerprint when the registry answers that it has none."""
        try:
            schema: Schema = json.loads(self._client.get_schema(schema_id).schema_str or "{}")
        except SchemaRegistryError as error:
            if error.http_status_code == NOT_FOUND:
                raise UnknownFingerprint(f"the registry has no schema {schema_id}") from error
            raise RegistryUnavailable(f"{self._host}: schema {schema_id}: {error}") from error
        except Exception as error:
            raise RegistryUnavailable(f"{self._host}: schema {schema_id}: {error}") from error
        return schema
