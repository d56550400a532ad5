extension Endpoint {
    /// The pattern as OpenAPI writes it: `{path}` for `{path*}`.
    package var template: String { pattern.replacing("*}", with: "}") }

    /// A name for generated clients: a verb, then the nouns of the path, such as
    /// `listRepoFiles`, `getRepoRevision`, `createToken`, `deleteRepoBranch`. It depends on the
    /// method, the pattern and whether a page comes back, so it lasts as long as they do.
    package var operationID: String {
        let verb = isCreation ? "create" : method == "GET" && isPage ? "list" : method.lowercased()
        return nouns.reduce(verb) { $0 + Self.capitalised($1) }
    }

    private var isPage: Bool {
        if case .json(let type) = response { type.hasPrefix("Page<") } else { false }
    }

    private var parts: [Substring] {
        // `{kind}/{owner}/{name}` is one thing, a repo, and `{kind}` alone all of them.
        let path = pattern.replacing("/{kind}/{owner}/{name}", with: "/repos/{repo}").replacing("/{kind}", with: "/repos")
        return Array(path.split(separator: "/").dropFirst(2))
    }

    /// POST to a collection makes something; POST to anything else does what its last word says.
    private var isCreation: Bool { method == "POST" && parts.last?.hasSuffix("s") == true }

    private var nouns: [Substring] {
        let parts = parts
        guard !parts.isEmpty else { return ["server"] }
        return parts.indices.filter { !parts[$0].hasPrefix("{") }.map { i in
            let isOne = i + 1 < parts.count ? parts[i + 1].hasPrefix("{") : isCreation && !isPage
            return isOne ? Self.singular(parts[i]) : parts[i]
        }
    }

    /// Of the regular plurals in the table: `branches`, `aliases`, `releases`, `tokens`.
    private static func singular(_ word: Substring) -> Substring {
        if word.hasSuffix("ches") || word.hasSuffix("iases") { return word.dropLast(2) }
        return word.hasSuffix("s") ? word.dropLast() : word
    }

    /// `openapi.json` becomes `OpenapiJson`.
    private static func capitalised(_ word: Substring) -> String {
        word.split(separator: ".").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
