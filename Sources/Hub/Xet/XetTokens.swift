import Catalog
package import Core
import Hashing

package enum XetScope: String, Hashable, Sendable {
    case read, write
}

/// What a client needs to talk to the chunk store.
package struct XetToken: Hashable, Sendable {
    /// To be sent as a bearer token.
    package let text: String
    package let expires: Instant
    /// Names this store, its epoch and whoever asked: part of the address, because clients
    /// remember what they sent by the address they sent it to.
    package let store: String

    /// The address that clients put their calls behind; without a slash at the end.
    package func address(at origin: String) -> String { "\(origin)/xet/\(store)" }
}

extension Hub {
    /// Six hours: a refusal in the middle of a download is final for the clients.
    package static let xetTokenSeconds: Int64 = 6 * 3600
    private static let tokenPurpose = "xet token"

    /// A token for a repo's files. Reading needs the revision to be there, or nothing to have been
    /// published yet; for writing it may be one that is still to be made.
    package func xetToken(_ scope: XetScope, for name: RepoName, at spec: RevisionSpec, by who: Principal) async throws -> XetToken {
        let repo = try catalog.read { rows in
            let repo = try rows.repo(name, for: who, as: scope == .write ? .writer : .reader)
            if scope == .read, spec != .main || repo.head != nil { _ = try rows.revision(spec, of: repo) }
            return repo
        }
        let expires = clock().adding(seconds: Self.xetTokenSeconds)
        let text = try await seal(Capability(Self.tokenPurpose, [scope.rawValue, "\(repo.id)"], for: who, until: expires))
        return XetToken(text: text, expires: expires, store: try await xetStoreName(for: who))
    }

    /// Whoever a token was made for. `.unauthenticated` where it is none of ours, `.tokenExpired`
    /// behind its end, `.notPermitted` where it allows less than `scope`.
    package func xetHolder(_ token: String?, as scope: XetScope) async throws -> Principal {
        guard let token else {
            throw HubError(.unauthenticated, "this address needs the access token that the hub gave for it, as 'Authorization: Bearer …'")
        }
        let capability = try await unseal(token, for: Self.tokenPurpose)
        guard scope == .read || capability.facts.first == XetScope.write.rawValue else {
            throw HubError(.notPermitted, "this token only reads; ask for one that writes (xet-write-token)")
        }
        return try holder(of: capability)
    }

    /// Whether a part of an address names this store, in whatever epoch: an upload that began before a
    /// collection may go on, and is told of what is gone when it refers to it.
    package func isXetStore(_ name: some StringProtocol) throws -> Bool {
        guard let store = try catalog.read({ try $0.xetStore() }) else { return false }
        return name.hasPrefix(store.name + "-")
    }

    /// One memory for each user: on a computer that two people share, what one has sent to a private
    /// repo is of no use to the other, and referring to it would fail.
    private func xetStoreName(for who: Principal) async throws -> String {
        let store: XetStore
        if let kept = try catalog.read({ try $0.xetStore() }) {
            store = kept
        } else {
            let fresh = Hex.encode(randomBytes(8))
            store = try await catalog.write(by: "grayling", at: clock()) { try $0.keepXetStore(fresh: fresh) }
        }
        let user = who.user.map { "\($0.id)" } ?? ""
        return "\(store.name)-\(store.epoch)-\(Digest(of: "\(store.name) \(user)").hex.prefix(8))"
    }
}
