package import Core
import Yams

extension DeployManifest {
    /// Reads a manifest of one or several YAML documents: at most one `kind: Deployment` of
    /// `grayling/v1`, and any number of `kind: Endpoint` of `serving/v1`, whose model is pinned
    /// under the endpoint's name. A sentence about a mistake names the line.
    package static func parse(_ text: String) throws(HubError) -> DeployManifest {
        guard text.utf8.count <= longest else {
            throw HubError(.tooLarge, "the deploy manifest has \(text.utf8.count) bytes; at most \(longest) are read")
        }
        var deployment: (name: String, models: [DeployModel])?
        var endpoints: [(name: String, models: [DeployModel])] = []
        var models: [DeployModel] = []
        for node in try documents(of: text) {
            let document = try YAMLMap(node, what: "the document")
            let version = try document.require("apiVersion").text
            let kind = try document.require("kind").text
            switch (version, kind) {
            case ("grayling/v1", "Deployment"):
                guard deployment == nil else {
                    throw document.fail("a file holds one Deployment; list all its models under one spec.models")
                }
                let found = try readDeployment(document)
                deployment = found
                models += found.models
            case ("serving/v1", "Endpoint"):
                let found = try readEndpoint(document)
                endpoints.append(found)
                models += found.models
            default:
                throw document.fail(
                    "apiVersion '\(version)' with kind '\(kind)' is unknown: expected grayling/v1 Deployment or serving/v1 Endpoint")
            }
        }
        guard let name = deployment?.name ?? endpoints.first?.name else {
            throw HubError(.invalidRequest, "the deploy manifest is empty: write a Deployment with spec.models, see 'grayling pin --help'")
        }
        var seen: Set<String> = []
        for model in models where !seen.insert(model.alias.lowercased()).inserted {
            throw HubError(.invalidName, "two models are called '\(model.alias)' here; give each its own 'as' (case does not count)")
        }
        return DeployManifest(name: name, models: models)
    }

    static func documents(of text: String) throws(HubError) -> [Node] {
        do {
            var nodes: [Node] = []
            // Not a for loop: that would iterate a copy, and the error would stay in it.
            var sequence = try Yams.compose_all(yaml: text)
            while let node = sequence.next() {
                // An empty document between two '---' says nothing.
                if case .scalar(let scalar) = node, scalar.string.isEmpty { continue }
                nodes.append(node)
            }
            if let error = sequence.error { throw error }
            return nodes
        } catch {
            throw HubError(.invalidRequest, "the deploy manifest is not valid YAML: \(error)")
        }
    }

    private static func readDeployment(_ document: YAMLMap) throws(HubError) -> (name: String, models: [DeployModel]) {
        try document.allow(["apiVersion", "kind", "metadata", "spec"])
        let metadata = try document.require("metadata").map
        try metadata.allow(["name"])
        let name = try metadata.require("name").text
        try metadata.naming("name") { () throws(HubError) in try DeployName.check(name, what: "deployment name") }
        let spec = try document.require("spec").map
        try spec.allow(["models"])
        let list = try spec.require("models").list
        guard !list.isEmpty else { throw spec.fail("spec.models is empty: name at least one model") }
        var models: [DeployModel] = []
        for item in list {
            let map = try YAMLMap(item, what: "a model")
            try map.allow(["as", "model", "kind", "digest"] + DeployPin.keys)
            let repoText = try map.require("model").text
            let kindText = try map.optional("kind")?.text ?? RepoKind.model.rawValue
            guard let kind = RepoKind(rawValue: kindText) else { throw map.fail("kind is '\(kindText)': expected model or dataset") }
            let repo = try map.naming("model") { () throws(HubError) in try RepoName(kind, parsing: repoText) }
            models.append(try model(map, alias: try map.optional("as")?.text ?? repo.name, repo: repo, keys: DeployPin.keys))
        }
        return (name, models)
    }

    /// Keys that are about serving rather than pinning are left to whoever serves.
    private static func readEndpoint(_ document: YAMLMap) throws(HubError) -> (name: String, models: [DeployModel]) {
        let name = try document.require("metadata").map.require("name").text
        let map = try document.require("spec").map.require("model").map
        let text = try map.require("name").text
        let repo = try map.naming("name") { () throws(HubError) in try RepoName(.model, parsing: text) }
        try map.allow(["name", "digest"] + DeployPin.keys)
        return (name, [try model(map, alias: name, repo: repo, keys: DeployPin.keys)])
    }

    static func model(_ map: YAMLMap, alias: String, repo: RepoName, keys: [String]) throws(HubError) -> DeployModel {
        try map.naming("as") { () throws(HubError) in try DeployName.check(alias, what: "model name in a deployment") }
        let given = keys.filter { map.has($0) }
        guard let key = given.first, given.count == 1 else {
            throw map.fail(
                given.isEmpty
                    ? "\(repo) is not pinned to anything: write exactly one of \(keys.joined(separator: ", ")), such as version: \"1.0\""
                    : "\(repo) is pinned by \(given.joined(separator: " and ")): write exactly one of them")
        }
        // The text as written: a YAML number would turn 1.10 into 1.1.
        let value = try map.require(key).text
        let asked = try map.naming(key) { () throws(HubError) in try DeployPin(key: key, value: value) }
        var digest: Digest?
        if let written = try map.optional("digest")?.text {
            digest = try map.naming("digest") { () throws(HubError) in try Digest(parsing: written) }
        }
        return DeployModel(alias: alias, repo: repo, asked: asked, digest: digest)
    }
}
