import Catalog
package import Core
import Hashing
import Logging

extension Hub {
    /// Who the secret belongs to. An unknown secret is `.unauthenticated`, a known one that has
    /// run out `.tokenExpired`.
    package func principal(secret: String) throws -> (principal: Principal, tokenName: String) {
        let holder = try catalog.read { try $0.holder(ofTokenHash: Digest(of: secret)) }
        guard let holder else {
            throw HubError(.unauthenticated, "this server does not know that token, or it was revoked; run 'grayling login' with a valid one")
        }
        let now = clock()
        if let expires = holder.expires, expires <= now {
            throw HubError(.tokenExpired, "the token '\(holder.tokenName)' expired at \(expires); make a new one")
        }
        // To the hour: a write for every request would cost more than it tells.
        if holder.lastUsed.map({ $0.adding(seconds: 3600) < now }) ?? true {
            Task { [catalog, logger] in
                do {
                    try await catalog.write(by: holder.user.name, at: now) { try $0.touchToken(holder.token) }
                } catch {
                    logger.warning("could not note the use of a token", metadata: ["token": "\(holder.token)", "error": "\(error)"])
                }
            }
        }
        return (Principal(user: holder.user), holder.tokenName)
    }

    /// Makes a token, and its user where a site admin names a new one. The secret is known to
    /// nobody after this.
    package func createToken(
        name: String, role: Role, expiresInSeconds: Int64?, user asked: OwnerName?, by who: Principal
    ) async throws -> (secret: String, token: TokenFacts) {
        let me = try who.requireUser()
        guard !name.isEmpty, name.utf8.count <= 128, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw HubError(.invalidName, "a token needs a name of 1 to 128 visible characters that says what it is for")
        }
        guard role <= me.ceiling else {
            throw HubError(.notPermitted, "a \(me.ceiling.rawValue) token cannot make a \(role.rawValue) token")
        }
        if let expiresInSeconds, !(1...(100 * 366 * 86_400)).contains(expiresInSeconds) {
            throw HubError(.invalidRequest, "a token can last from one second to a hundred years, not \(expiresInSeconds) seconds")
        }
        let isForMe = asked == nil || asked?.text.lowercased() == me.name.lowercased()
        if !isForMe { try who.requireSiteAdmin() }
        let secret = newSecret()
        let token = try await change(by: who) { tx in
            let user: Int64 =
                if isForMe { me.id } else if let known = try tx.rows.userID(named: asked!) { known } else {
                    try tx.addUser(asked!, isSiteAdmin: false)
                }
            return try tx.addToken(
                name: name, hash: Digest(of: secret), user: user, role: role, expires: expiresInSeconds.map { tx.now.adding(seconds: $0) })
        }
        return (secret, token)
    }

    package func tokens(of who: Principal) throws -> [TokenFacts] {
        let me = try who.requireUser()
        return try catalog.read { try $0.tokens(ofUser: me.id) }
    }

    /// One's own, or as a site admin with an admin token anybody's.
    package func revokeToken(_ id: Int64, by who: Principal) async throws {
        let me = try who.requireUser()
        try await change(by: who) { tx in
            guard let found = try tx.rows.token(id), found.user == me.id || (me.isSiteAdmin && me.ceiling == .admin) else {
                throw HubError(.unknownToken, "you have no token \(id); 'grayling token list' shows yours")
            }
            try tx.removeToken(found.facts)
        }
    }

    /// On a data root without users, makes `admin` with one token: the given secret, or a new one,
    /// which is returned to be shown once.
    /// - Parameter keep: puts the secret where its owner finds it. It comes before the row: a cut
    ///   between the two must not leave a user whose token nobody knows.
    package func makeFirstToken(secret given: String?, keep: (String) throws -> Void) async throws -> String? {
        guard try !catalog.read({ try $0.hasUsers() }) else { return nil }
        if let given, given.utf8.count < 16 {
            throw HubError(.invalidRequest, "the first admin token needs at least 16 characters")
        }
        let secret = given ?? newSecret()
        try keep(secret)
        let admin = try OwnerName(parsing: "admin")
        try await catalog.write(by: "grayling", at: clock()) { tx in
            let user = try tx.addUser(admin, isSiteAdmin: true)
            _ = try tx.addToken(name: "first", hash: Digest(of: secret), user: user, role: .admin, expires: nil)
        }
        return secret
    }

    /// `hf_` and 40 letters and digits: the shape that every client accepts; 238 random bits.
    private func newSecret() -> String { "hf_" + randomLetters() }

    /// A key of the gateway's; the same shape behind another prefix.
    func newAPIKey() -> String { "gk_" + randomLetters() }

    private func randomLetters() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var text: [UInt8] = []
        while text.count < 40 {
            // 248 = 4 · 62: larger bytes would make some letters likelier.
            text += randomBytes(64).filter { $0 < 248 }.map { letters[Int($0) % letters.count] }
        }
        return String(decoding: text.prefix(40), as: UTF8.self)
    }
}
