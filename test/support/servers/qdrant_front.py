"""A thin REST front over qdrant-edge-py, for tests: Qdrant's own storage, indexes and scoring in one process, and of its
REST interface the requests that Hydrogen sends, in the shapes of its published OpenAPI. Everything else is refused, so
that a test never passes by a request that was ignored. What the engine has not (aliases, strict mode, optimizer threads,
keys, its own words for errors) is not here.

    python qdrant_front.py PORT [DIRECTORY]

It ends with its standard input. Without a directory its data is temporary.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import qdrant_edge as q

VERSION = "1.19.0"


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def known(what, given, names):
    """Refuses what this front would otherwise ignore."""
    others = [name for name in given if name not in names and given[name] is not None]
    if others:
        raise Refused(400, f"Bad request: this front knows no {', '.join(others)} in {what}")


def point_id(given):
    return uuid.UUID(given) if isinstance(given, str) else given


def id_out(given):
    return given if isinstance(given, int) else str(given)


def match_of(match):
    known("match", match, ["value", "any", "except", "prefix", "phrase", "text", "text_any"])
    if isinstance(match.get("value"), bool):
        raise Refused(400, "Bad request: the engine's Python takes true for 1")
    if "value" in match:
        return q.MatchValue(match["value"])
    if "any" in match:
        return q.MatchAny(match["any"])
    if "prefix" in match:
        return q.MatchPrefix(match["prefix"])
    if "phrase" in match:
        return q.MatchPhrase(match["phrase"])
    raise Refused(400, "Bad request: this front does not know this match")


def condition_of(one):
    if "has_id" in one:
        return q.HasIdCondition({point_id(i) for i in one["has_id"]})
    if "has_vector" in one:
        return q.HasVectorCondition(one["has_vector"])
    if "is_empty" in one:
        return q.IsEmptyCondition(one["is_empty"]["key"])
    if "nested" in one:
        return q.NestedCondition(one["nested"]["key"], filter_of(one["nested"]["filter"]))
    if "key" in one:
        known("condition", one, ["key", "match", "range"])
        if "match" in one:
            return q.FieldCondition(one["key"], match=match_of(one["match"]))
        known("range", one["range"], ["gt", "gte", "lt", "lte"])
        return q.FieldCondition(one["key"], range=q.RangeFloat(**one["range"]))
    return filter_of(one)


def filter_of(given):
    if given is None:
        return None
    known("filter", given, ["must", "should", "must_not"])
    parts = {
        name: [condition_of(one) for one in (given[name] if isinstance(given[name], list) else [given[name]])]
        for name in ("must", "should", "must_not")
        if given.get(name) is not None
    }
    return q.Filter(**parts)


def params_of(given):
    if given is None:
        return None
    known("params", given, ["hnsw_ef", "exact", "quantization", "idf"])
    quantization = given.get("quantization")
    idf = given.get("idf")
    return q.SearchParams(
        hnsw_ef=given.get("hnsw_ef"),
        exact=given.get("exact", False),
        quantization=q.QuantizationSearchParams(**quantization) if quantization else None,
        idf=q.IdfParams(filter_of(idf["corpus"])) if isinstance(idf, dict) else None,
    )


def query_of(given):
    query, using = given.get("query"), given.get("using")
    if query is None:
        return None
    if isinstance(query, list):
        return q.Query.Nearest(query, using)
    if isinstance(query, dict) and "indices" in query:
        return q.Query.Nearest(q.SparseVector(query["indices"], query["values"]), using)
    raise Refused(400, "Bad request: this front does not know this query")


def prefetches_of(given):
    prefetch = given.get("prefetch")
    if prefetch is None:
        return []
    return [
        q.Prefetch(
            limit=one.get("limit", 10),
            query=query_of(one),
            prefetches=prefetches_of(one),
            params=params_of(one.get("params")),
            filter=filter_of(one.get("filter")),
        )
        for one in (prefetch if isinstance(prefetch, list) else [prefetch])
    ]


def vector_out(vector):
    if isinstance(vector, dict):
        return {name: vector_out(one) for name, one in vector.items()}
    if isinstance(vector, q.SparseVector):
        return {"indices": list(vector.indices), "values": list(vector.values)}
    return vector


def vector_in(vector):
    if isinstance(vector, list):
        return vector
    return {
        name: q.SparseVector(one["indices"], one["values"]) if isinstance(one, dict) else one
        for name, one in vector.items()
    }


def record_out(record):
    out = {"id": id_out(record.id)}
    if record.payload is not None:
        out["payload"] = record.payload
    if record.vector is not None:
        out["vector"] = vector_out(record.vector)
    return out


def point_of(one):
    return q.Point(point_id(one["id"]), vector_in(one.get("vector") or {}), one.get("payload") or {})


DISTANCES = {"Cosine": q.Distance.Cosine, "Dot": q.Distance.Dot, "Euclid": q.Distance.Euclid}
TOKENIZERS = {"whitespace": q.TokenizerType.Whitespace, "word": q.TokenizerType.Word}


def schema_of(schema):
    kind = schema["type"] if isinstance(schema, dict) else schema
    more = {name: value for name, value in schema.items() if name != "type"} if isinstance(schema, dict) else {}
    more = {name: value for name, value in more.items() if value is not None}
    if "tokenizer" in more:
        more["tokenizer"] = TOKENIZERS[more["tokenizer"]]
    makers = {
        "keyword": q.KeywordIndexParams,
        "integer": q.IntegerIndexParams,
        "float": q.FloatIndexParams,
        "text": q.TextIndexParams,
    }
    return makers[kind](**more)


class Collection:
    def __init__(self, folder, config=None):
        self.folder = folder
        self.lock = threading.RLock()
        if config is None:
            with open(os.path.join(folder, "front.json"), encoding="utf8") as file:
                self.config = json.load(file)
            self.shard = q.EdgeShard.load(os.path.join(folder, "shard"))
            return
        os.makedirs(folder)
        os.makedirs(os.path.join(folder, "shard"))
        self.config = config
        self.shard = q.EdgeShard.create(os.path.join(folder, "shard"), self.edge_config())
        self.save()

    def save(self):
        with open(os.path.join(self.folder, "front.json"), "w", encoding="utf8") as file:
            json.dump(self.config, file)

    def edge_config(self):
        known(
            "collection",
            self.config,
            ["vectors", "sparse_vectors", "quantization_config", "hnsw_config", "on_disk_payload", "metadata"],
        )
        sparse = self.config.get("sparse_vectors") or {}
        scalar = (self.config.get("quantization_config") or {}).get("scalar")
        quantization = (
            q.ScalarQuantizationConfig(
                q.ScalarType.Int8, quantile=scalar.get("quantile"), always_ram=scalar.get("always_ram")
            )
            if scalar
            else None
        )
        vectors = self.config.get("vectors") or {}
        return q.EdgeConfig(
            vectors={
                name: q.EdgeVectorParams(one["size"], DISTANCES[one["distance"]])
                for name, one in ({"": vectors} if "size" in vectors else vectors).items()
            },
            sparse_vectors={
                name: q.EdgeSparseVectorParams(
                    modifier=q.Modifier.Idf if one.get("modifier") == "idf" else None,
                    on_disk=(one.get("index") or {}).get("on_disk"),
                )
                for name, one in sparse.items()
            },
            quantization_config=quantization,
        )

    def update(self, operation):
        self.shard.update(operation)

    def apply(self, operation):
        """One of the operations of a batch of updates."""
        ((kind, given),) = operation.items()
        if kind == "upsert":
            known(kind, given, ["points", "update_filter", "update_mode"])
            modes = {"insert_only": q.UpdateMode.InsertOnly, "update_only": q.UpdateMode.UpdateOnly}
            self.update(
                q.UpdateOperation.upsert_points(
                    [point_of(one) for one in given["points"]],
                    filter_of(given.get("update_filter")),
                    modes.get(given.get("update_mode")),
                )
            )
        elif kind == "delete":
            if "points" in given:
                self.update(q.UpdateOperation.delete_points([point_id(i) for i in given["points"]]))
            else:
                self.update(q.UpdateOperation.delete_points_by_filter(filter_of(given["filter"])))
        elif kind == "set_payload":
            known(kind, given, ["points", "filter", "payload"])
            if given.get("points") is not None:
                ids = [point_id(i) for i in given["points"]]
                self.update(q.UpdateOperation.set_payload(ids, given["payload"]))
            else:
                condition = filter_of(given["filter"])
                self.update(q.UpdateOperation.set_payload_by_filter(condition, given["payload"]))
        elif kind == "update_vectors":
            known(kind, given, ["points", "update_filter"])
            points = [q.PointVectors(point_id(one["id"]), vector_in(one["vector"])) for one in given["points"]]
            self.update(q.UpdateOperation.update_vectors(points, filter_of(given.get("update_filter"))))
        else:
            raise Refused(400, f"Bad request: this front does not know {kind}")

    def query(self, given):
        known(
            "query",
            given,
            ["prefetch", "query", "using", "filter", "params", "limit", "offset", "with_payload", "with_vector"],
        )
        return q.QueryRequest(
            limit=given.get("limit", 10),
            offset=given.get("offset"),
            query=query_of(given),
            prefetches=prefetches_of(given),
            with_vector=given.get("with_vector") or False,
            with_payload=given.get("with_payload") or False,
            filter=filter_of(given.get("filter")),
            params=params_of(given.get("params")),
        )


def scored_out(point):
    return {"version": point.version, "score": point.score, **record_out(point)}


class Front:
    def __init__(self, directory):
        self.directory = directory
        self.collections = {}
        self.lock = threading.RLock()
        os.makedirs(directory, exist_ok=True)
        for name in os.listdir(directory):
            self.collections[name] = Collection(os.path.join(directory, name))

    def find(self, name):
        found = self.collections.get(name)
        if found is None:
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return found

    def handle(self, method, path, body):
        parts = [part for part in path.split("?")[0].split("/") if part]
        if not parts:
            return {"title": "qdrant - vector search engine (front of Hydrogen's tests)", "version": VERSION}
        if parts[0] != "collections":
            raise Refused(404, "")
        if len(parts) == 1:
            return {"collections": [{"name": name} for name in self.collections]}
        name, rest = parts[1], tuple(parts[2:])
        if not rest:
            return self.collection(method, name, body)
        if (method, rest) == ("GET", ("exists",)):
            return {"exists": name in self.collections}
        found = self.find(name)
        with found.lock:
            return self.points(found, method, rest, body)

    def collection(self, method, name, body):
        with self.lock:
            folder = os.path.join(self.directory, name)
            if method == "PUT":
                if name in self.collections:
                    raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
                self.collections[name] = Collection(folder, body)
                return True
            if method == "DELETE":
                found = self.collections.pop(name, None)
                if found:
                    found.shard.close()
                    shutil.rmtree(folder)
                return found is not None
            found = self.find(name)
            if method == "PATCH":
                known("change", body, ["sparse_vectors", "metadata"])
                found.config.setdefault("metadata", {}).update(body.get("metadata") or {})
                found.save()
                return True
            info = found.shard.info()
            return {
                "status": "green",
                "optimizer_status": "ok",
                "points_count": info.points_count,
                "indexed_vectors_count": info.indexed_vectors_count,
                "segments_count": info.segments_count,
                "config": {"params": found.config, "metadata": found.config.get("metadata")},
                "payload_schema": {},
            }

    def points(self, found, method, rest, body):
        done = {"operation_id": 0, "status": "completed"}
        shard = found.shard
        if rest[0] == "vectors" and len(rest) == 2:
            if method == "DELETE":
                shard.update(q.UpdateOperation.delete_vector_name(rest[1]))
            elif "dense" in body:
                dense = body["dense"]
                shard.update(
                    q.UpdateOperation.create_dense_vector(rest[1], dense["size"], DISTANCES[dense["distance"]])
                )
            else:
                idf = q.Modifier.Idf if body["sparse"].get("modifier") == "idf" else None
                shard.update(q.UpdateOperation.create_sparse_vector(rest[1], idf))
            return done
        if (method, rest) == ("PUT", ("index",)):
            shard.update(q.UpdateOperation.create_field_index(body["field_name"], schema_of(body["field_schema"])))
            return done
        if (method, rest) == ("PUT", ("points",)):
            found.apply({"upsert": body})
            return done
        if (method, rest) == ("PUT", ("points", "vectors")):
            found.apply({"update_vectors": body})
            return done
        if method != "POST":
            raise Refused(404, "")
        what = "/".join(rest)
        if what == "points/batch":
            for operation in body["operations"]:
                found.apply(operation)
            return [done for _ in body["operations"]]
        if what == "points/delete":
            found.apply({"delete": body})
            return done
        if what == "points/payload":
            found.apply({"set_payload": body})
            return done
        if what == "points":
            ids = [point_id(i) for i in body["ids"]]
            records = shard.retrieve(ids, body.get("with_payload") or False, body.get("with_vector") or False)
            return [record_out(one) for one in records]
        if what == "points/scroll":
            known(what, body, ["filter", "limit", "offset", "with_payload", "with_vector"])
            offset = body.get("offset")
            records, following = shard.scroll(
                q.ScrollRequest(
                    offset=None if offset is None else point_id(offset),
                    limit=body.get("limit", 10),
                    filter=filter_of(body.get("filter")),
                    with_payload=body.get("with_payload", True),
                    with_vector=body.get("with_vector") or False,
                )
            )
            points = [record_out(one) for one in records]
            return {"points": points, "next_page_offset": None if following is None else id_out(following)}
        if what == "points/count":
            return {"count": shard.count(q.CountRequest(body.get("exact", True), filter_of(body.get("filter"))))}
        if what == "points/query/batch":
            batch = q.QueryBatchRequest([found.query(one) for one in body["searches"]])
            return [{"points": [scored_out(one) for one in points]} for points in shard.query_batch(batch)]
        if what == "points/query":
            return {"points": [scored_out(one) for one in shard.query(found.query(body))]}
        if what == "facet":
            known(what, body, ["key", "limit", "exact", "filter"])
            request = q.FacetRequest(
                body["key"], body.get("limit", 10), body.get("exact", False), filter_of(body.get("filter"))
            )
            return {"hits": [{"value": one.value, "count": one.count} for one in shard.facet(request).hits]}
        raise Refused(404, "")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body of an answer are two writes: without this the second one waits for an acknowledgement.
    disable_nagle_algorithm = True
    front = None

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def serve(self):
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        try:
            body = json.loads(raw) if raw else {}
            result = self.front.handle(self.command, self.path, body)
            if isinstance(result, dict) and "version" in result and "title" in result:
                self.answer(200, result)
            else:
                self.answer(200, {"result": result, "status": "ok", "time": 0.0})
        except Refused as error:
            self.answer(error.status, {"status": {"error": str(error)}, "time": 0.0})
        except Exception as error:  # what the engine refuses
            text = str(error)
            status = 404 if "No point with id" in text else 400
            self.answer(status, {"status": {"error": f"Wrong input: {text}"}, "time": 0.0})

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = serve


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A client that was killed is nothing to report.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    port = int(sys.argv[1])
    kept = sys.argv[2] if len(sys.argv) > 2 else None
    directory = kept or tempfile.mkdtemp(prefix="hydrogen-test-qdrant-")
    Handler.front = Front(directory)
    server = Server(("127.0.0.1", port), Handler)

    def end_with_input():
        sys.stdin.read()
        if kept is None:
            shutil.rmtree(directory, ignore_errors=True)
        os._exit(0)

    threading.Thread(target=end_with_input, daemon=True).start()
    print(f"listening {server.server_address[1]}", flush=True)
    server.serve_forever()


main()
