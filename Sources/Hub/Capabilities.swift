import Catalog
package import Core
import Hashing
import Synchronization

/// Something that whoever holds its text may do until it ends: addresses that clients call without
/// their token. A capability says everything it allows, so that checking it asks nobody.
package struct Capability: Hashable, Sendable {
    /// What it is for; a capability for one purpose is worthless for another.
    package let purpose: String
    /// Who it was made for; nil for nobody in particular.
    package let user: Int64?
    /// The most that its holder may do with it.
    package let ceiling: Role
    /// What it allows, in the words of its purpose. Without line ends.
    package let facts: [String]
    package let until: Instant

    package init(_ purpose: String, _ facts: [String], for who: Principal, until: Instant) {
        self.purpose = purpose
        self.facts = facts
        self.until = until
        user = who.user?.id
        ceiling = who.user?.ceiling ?? .reader
    }

    fileprivate var text: String {
        ([purpose, "\(until.milliseconds)", user.map { "\($0)" } ?? "", ceiling.rawValue] + facts).joined(separator: "\n")
    }

    fileprivate init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 4, let end = Int64(lines[1]), let ceiling = Role(rawValue: lines[3]) else { return nil }
        purpose = lines[0]
        until = Instant(milliseconds: end)
        user = Int64(lines[2])
        self.ceiling = ceiling
        facts = Array(lines[4...])
    }
}

extension Hub {
    /// The text of a capability: hexadecimal digits, so that it can stand anywhere in an address.
    package func seal(_ capability: Capability) async throws -> String {
        let bytes = Array(capability.text.utf8)
        return Hex.encode(try await capabilitySeal().code(of: bytes) + bytes)
    }

    /// What a text allows. Throws `.unauthenticated` where it is none of ours or for another purpose,
    /// `.tokenExpired` where its time is over.
    package func unseal(_ text: some StringProtocol, for purpose: String) async throws -> Capability {
        let forged = HubError(.unauthenticated, "this address or token was not made by this server, or was altered; ask for a new one")
        guard text.utf8.count <= 16_384, let bytes = Hex.decode(String(text)), bytes.count > 32 else { throw forged }
        let content = bytes[32...].map { $0 }
        guard try await capabilitySeal().verifies(Array(bytes[..<32]), of: content), let said = String(validating: content, as: UTF8.self),
            let capability = Capability(text: said), capability.purpose == purpose
        else { throw forged }
        guard capability.until > clock() else {
            throw HubError(.tokenExpired, "this address or token ended at \(capability.until); ask for a new one")
        }
        return capability
    }

    /// Whoever a capability was made for, as they are now. A user who is gone holds nothing.
    package func holder(of capability: Capability) throws -> Principal {
        guard let id = capability.user else { return .anonymous }
        guard let user = try catalog.read({ try $0.user(id: id, ceiling: capability.ceiling) }) else {
            throw HubError(.unauthenticated, "the user this address or token was made for is not here any more")
        }
        return Principal(user: user)
    }

    /// The key is made at its first use and kept, so that a restart ends nothing.
    private func capabilitySeal() async throws -> Seal {
        if let seal = capabilityKey.withLock({ $0 }) { return seal }
        let fresh = randomBytes(32)
        let key: [UInt8]
        if let kept = try catalog.read({ try $0.secret(named: "capability key") }) {
            key = kept
        } else {
            key = try await catalog.write(by: "grayling", at: clock()) { try $0.keepSecret(named: "capability key", fresh: fresh) }
        }
        let seal = Seal(key: key)
        capabilityKey.withLock { $0 = seal }
        return seal
    }
}
