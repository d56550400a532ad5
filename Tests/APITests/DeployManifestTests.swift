import API
import Core
import Testing

@Suite("The deploy manifest")
struct DeployManifestTests {
    private static let head = "apiVersion: grayling/v1\nkind: Deployment\nmetadata:\n  name: chat\nspec:\n  models:\n"

    @Test("names models and how each is pinned")
    func reads() throws {
        let manifest = try DeployManifest.parse(
            Self.head + """
                    - as: encoder
                      model: acme/whale
                      version: 1.10
                    - model: acme/speech
                      kind: dataset
                      alias: champion
                    - as: tuned
                      model: acme/whale
                      revision: \(String(repeating: "a", count: 40))
                      digest: sha256:\(String(repeating: "b", count: 64))
                """)
        #expect(manifest.name == "chat")
        #expect(manifest.models.map(\.alias) == ["encoder", "speech", "tuned"])
        // The text as written: a number would have lost its zero.
        #expect(manifest.models.map(\.asked.description) == ["version 1.10", "alias champion", "revision \(String(repeating: "a", count: 40))"])
        #expect(manifest.models[1].repo.kind == .dataset)
        #expect(manifest.models[2].digest != nil)
    }

    @Test("an endpoint pins its model under its own name and keeps its other keys to itself")
    func endpoint() throws {
        let manifest = try DeployManifest.parse(
            """
            apiVersion: serving/v1
            kind: Endpoint
            metadata: {name: chat}
            spec:
              protocol: openai
              model: {name: acme/qwen3-8b-ft, version: "14"}
              limits: {maxInFlightPerReplica: 16}
            release: {strategy: canary}
            ---
            apiVersion: serving/v1
            kind: Endpoint
            metadata: {name: embed}
            spec: {model: {name: acme/whale, alias: champion}}
            """)
        #expect(manifest.name == "chat")
        #expect(
            manifest.models.map { "\($0.alias) \($0.repo) \($0.asked)" } == ["chat acme/qwen3-8b-ft version 14", "embed acme/whale alias champion"])
    }

    @Test(
        "says what is wrong, and where",
        arguments: [
            ("", "empty"),
            ("a: [", "not valid YAML"),
            ("- a", "must be a mapping"),
            ("apiVersion: apps/v1\nkind: Deployment\n", "apps/v1"),
            ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: chat}\n", "no 'spec'"),
            ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: chat}\nspec: {models: []}\n", "at least one model"),
            ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: ../x}\nspec: {models: [{model: a/b, version: '1'}]}\n", "deployment name"),
            (head + "    - model: acme/whale\n", "exactly one of"),
            (head + "    - model: acme/whale\n      version: '1'\n      alias: x\n", "version and alias"),
            (head + "    - model: acme/whale\n      version: '1'\n      verison: '2'\n", "line 9 of the deploy manifest: 'verison'"),
            (head + "    - model: acme/whale\n      version:\n", "is empty"),
            (head + "    - model: acme/whale\n      version: null\n", "is empty"),
            (head + "    - model: acme/whale\n      version: [1, 0]\n", "in quotes"),
            (head + "    - model: whale\n      version: '1'\n", "line 7"),
            (head + "    - model: acme/whale\n      version: 'a b'\n", "not a valid branch, version or alias"),
            (head + "    - model: acme/whale\n      revision: main\n", "git object id"),
            (head + "    - model: acme/whale\n      version: '1'\n      digest: abc\n", "SHA-256"),
            (head + "    - model: acme/whale\n      version: '1'\n      kind: space\n", "model or dataset"),
            (head + "    - model: acme/whale\n      version: '1'\n    - model: other/Whale\n      version: '1'\n", "two models"),
            (head + "    - model: acme/whale\n      version: '1'\n      version: '2'\n", "version")
        ])
    func refuses(_ text: String, _ part: String) {
        let error = #expect(throws: HubError.self) { try DeployManifest.parse(text) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "") should mention \(part)")
    }
}
