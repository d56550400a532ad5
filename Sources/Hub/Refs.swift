import Catalog
package import Core

extension Hub {
    package func refs(of name: RepoName, for who: Principal) throws -> [RefFacts] {
        try catalog.read { try $0.refs(in: $0.repo(name, for: who).id) }
    }

    /// Makes a branch or alias, or moves it; a version is only ever made.
    /// - Returns: the name as it is now, and whether it was made.
    package func setRef(
        _ name: RefName, _ kind: RefKind, to spec: RevisionSpec, in repo: RepoName, expected: GenerationCheck, by who: Principal
    ) async throws -> (ref: RefFacts, wasMade: Bool) {
        let name = kind == .branch ? name.asBranch : name
        return try await change(by: who) { tx in
            let repo = try tx.rows.repo(repo, for: who, as: .writer)
            let target = try tx.rows.revision(spec, of: repo)
            let known = try tx.rows.ref(name, in: repo.id)
            try expected.check(known?.generation, of: "\(repo.name)@\(name)")
            if let known, known.kind == kind, kind != .version {
                if known.revision != target.id { try tx.moveRef(known, to: target, in: repo) }
            } else {
                try tx.addRef(name, kind, to: target, in: repo)
            }
            guard let ref = try tx.rows.ref(name, in: repo.id) else { throw HubError.unknownName(name, kind, of: repo.name) }
            return (ref, known == nil)
        }
    }

    /// Makes a name; one that is in use, for whatever, is refused.
    package func makeRef(_ name: RefName, _ kind: RefKind, at spec: RevisionSpec, in repo: RepoName, by who: Principal) async throws -> RefFacts {
        let name = kind == .branch ? name.asBranch : name
        return try await change(by: who) { tx in
            let repo = try tx.rows.repo(repo, for: who, as: .writer)
            try tx.addRef(name, kind, to: try tx.rows.revision(spec, of: repo), in: repo)
            guard let ref = try tx.rows.ref(name, in: repo.id) else { throw HubError.unknownName(name, kind, of: repo.name) }
            return ref
        }
    }

    package func deleteRef(_ name: RefName, _ kind: RefKind, in repo: RepoName, expected: GenerationCheck, by who: Principal) async throws {
        let name = kind == .branch ? name.asBranch : name
        try await change(by: who) { tx in
            let repo = try tx.rows.repo(repo, for: who, as: .writer)
            guard let ref = try tx.rows.ref(name, in: repo.id), ref.kind == kind else {
                throw HubError.unknownName(name, kind, of: repo.name)
            }
            guard kind != .branch || name != .main else {
                throw HubError(.protected, "main is the default branch of \(repo.name) and stays; move it, or delete the repo")
            }
            try expected.check(ref.generation, of: "\(repo.name)@\(name)")
            try tx.removeRef(ref, in: repo)
        }
    }

    /// Marks a version as not to be used. It stays readable for those who pinned it.
    package func withdrawVersion(_ name: RefName, reason: String, in repo: RepoName, by who: Principal) async throws {
        guard reason.utf8.count <= 1024 else { throw HubError(.tooLarge, "a reason has at most 1024 bytes") }
        try await change(by: who) { tx in
            let repo = try tx.rows.repo(repo, for: who, as: .admin)
            guard let ref = try tx.rows.ref(name, in: repo.id), ref.kind == .version else {
                throw HubError.unknownName(name, .version, of: repo.name)
            }
            try tx.withdraw(ref, reason: reason, in: repo)
        }
    }

    package func aliasMoves(
        _ name: RefName, in repo: RepoName, before: Int64, limit: Int, for who: Principal
    ) throws -> [(id: Int64, move: AliasMoveFacts)] {
        try catalog.read { rows in
            let repo = try rows.repo(repo, for: who)
            let moves = try rows.aliasMoves(name, in: repo.id, before: before, limit: limit)
            if moves.isEmpty, before == .max { throw HubError.unknownName(name, .alias, of: repo.name) }
            return moves
        }
    }
}

extension HubError {
    static func unknownName(_ name: RefName, _ kind: RefKind, of repo: RepoName) -> HubError {
        HubError(
            kind == .alias ? .unknownAlias : .unknownRevision,
            "\(repo) has no \(kind.rawValue) '\(name)'; 'grayling show \(repo)' lists what there is")
    }
}
