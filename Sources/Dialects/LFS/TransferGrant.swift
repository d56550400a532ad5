import Core
import Hub
import Hummingbird

/// What an address allows by itself: one object of one repo, in one direction, for a time. Clients
/// call such addresses without their token.
struct TransferGrant: Hashable, Sendable {
    enum Direction: String, Sendable { case upload, download }

    /// In the query, because access logs show paths.
    static let parameter = "grant"

    let direction: Direction
    let repo: RepoName
    let digest: Digest
    let size: Int64

    private var purpose: String { "lfs \(direction.rawValue)" }
    private var facts: [String] { [repo.kind.rawValue, repo.folded, digest.hex, "\(size)"] }

    /// Seconds: an hour, and one for each 256 KiB beyond, up to a day.
    var lifetime: Int64 { min(86_400, 3600 + size >> 18) }

    func sealed(for who: Principal, by hub: Hub) async throws -> String {
        try await hub.seal(Capability(purpose, facts, for: who, until: hub.now.adding(seconds: lifetime)))
    }

    /// Whoever the text was made for, and the size it names. Throws `.unauthenticated` where it is for
    /// another object or repo.
    static func open(
        _ text: Substring, _ direction: Direction, _ digest: Digest, of repo: RepoName, by hub: Hub
    ) async throws -> (who: Principal, size: Int64) {
        let capability = try await hub.unseal(text, for: "lfs \(direction.rawValue)")
        guard let last = capability.facts.last, let size = Int64(last),
            capability.facts == TransferGrant(direction: direction, repo: repo, digest: digest, size: size).facts
        else { throw HubError(.unauthenticated, "this address was made for another object; ask for a new one with a batch request") }
        return (try hub.holder(of: capability), size)
    }
}

/// An object in an address, and who may do something with it.
struct GrantedObject: Sendable {
    let digest: Digest
    let who: Principal
    /// What was announced; nil where the client came with its token instead of our address.
    let size: Int64?
}

extension LFSCall {
    /// The object that the address names. The address's own grant says who is asking; a token does
    /// where there is no grant, or one that has run out.
    func object(_ values: [String: String], _ direction: TransferGrant.Direction) async throws -> GrantedObject {
        let digest = try Digest(parsing: values["oid"] ?? "")
        guard let grant = request.uri.queryParameters[TransferGrant.parameter[...]] else {
            return GrantedObject(digest: digest, who: who, size: nil)
        }
        do {
            let opened = try await TransferGrant.open(grant, direction, digest, of: repo, by: hub)
            return GrantedObject(digest: digest, who: opened.who, size: opened.size)
        } catch let error as HubError where error.code == .tokenExpired && who.user != nil {
            return GrantedObject(digest: digest, who: who, size: nil)
        }
    }
}
