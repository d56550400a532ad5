import API
import Core
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Release
import Wire

extension Call {
    var endpointName: EndpointName {
        get throws(HubError) { try EndpointName(parsing: value("name")) }
    }
    var releaseID: ReleaseID {
        get throws(HubError) { try ReleaseID(parsing: value("id")) }
    }
    /// The endpoint that a list is narrowed to.
    var queriedEndpoint: EndpointName? {
        get throws(HubError) {
            guard let text = query("endpoint") else { return nil }
            return try EndpointName(parsing: text)
        }
    }

    /// What a change of a release or an endpoint must name: somebody else may have been faster.
    var mustMatch: GenerationCheck {
        get throws(HubError) {
            let check = try ifMatch
            guard check != .none else {
                throw HubError(
                    .preconditionRequired,
                    "this change needs If-Match with the ETag that was read last, so that it does not undo what somebody else did meanwhile; If-Match: * takes whatever there is"
                )
            }
            return check
        }
    }

    /// Compares what `If-Match` names with what there is, where the use-case itself does not.
    func match(_ generation: Int64) throws(HubError) {
        guard case .exactly(let expected) = try mustMatch, expected != generation else { return }
        throw HubError(
            .preconditionFailed, "it changed since: the ETag is \"\(generation)\" now; read it again and decide anew",
            details: ["etag": "\"\(generation)\""])
    }

    var idempotencyKey: String? {
        get throws(HubError) {
            guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name] else { return nil }
            guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw HubError(.invalidRequest, "an Idempotency-Key has 1 to 128 visible ASCII characters")
            }
            return key
        }
    }

    /// A list that goes down from a number: its cursor is the last one shown.
    var before: Int64 {
        get throws(HubError) {
            guard let text = try paging.after else { return .max }
            guard let number = Int64(text) else {
                throw HubError(.invalidRequest, "the cursor is not one of ours: use the one from the page before, unchanged, or leave it out")
            }
            return number
        }
    }

    /// One that goes up.
    var behind: Int64 {
        get throws(HubError) {
            let number = try before
            return number == .max ? 0 : number
        }
    }

    /// The body as text.
    func text() async throws -> String {
        let bytes = try await BodyReader(request, context).collect(limit: min(hub.limits.requestBody, DeployManifest.longest))
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw HubError(.invalidRequest, "the body is not UTF-8 text: expected a manifest in YAML")
        }
        return text
    }

    func moment(_ name: String) throws(HubError) -> Instant? {
        guard let text = query(name) else { return nil }
        return try Moment.parse(text)
    }
}

/// What a manifest in a request asks for.
struct Wish: Sendable {
    let draft: ServingDraft
    let warnings: [String]

    /// Parses the manifest and resolves where its golden checks are; the rest is for the hub.
    init(_ text: String, endpoint: EndpointName?, hub: Hub, for who: Principal) throws {
        let manifest = try EndpointManifest.parse(text, endpoint: endpoint)
        var strategy = manifest.strategy
        if let golden = manifest.golden {
            switch golden.place {
            case .file(let revision, let path): strategy.prepare.golden = try hub.locate(path, at: revision, of: golden.repo, for: who).entry.digest
            case .digest(let digest):
                _ = try hub.sizeOfReadable(digest, for: who)
                strategy.prepare.golden = digest
            }
        }
        draft = ServingDraft(
            endpoint: manifest.spec, repo: manifest.model.repo, revision: manifest.model.asked.revision, digest: manifest.model.digest,
            runtime: manifest.runtime, strategy: strategy, manifest: Hub.digest(ofManifest: text))
        warnings = manifest.warnings
    }
}
