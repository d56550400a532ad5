import Core
import ModelFiles
import Testing

@Suite("what there is to say of a card")
struct CardReportTests {
    @Test(
        "a wrong type is an error that names the key",
        arguments: [
            ("license: [1]", "license"), ("license: {a: b}", "license"), ("license: 3", "license"), ("tags: a", "tags"), ("tags: [1]", "tags"),
            ("pipeline_tag: [a]", "pipeline_tag"), ("datasets: {}", "datasets"), ("language: [en, 1]", "language"), ("base_model: 1", "base_model"),
            ("base_model: ./out/checkpoint", "base_model"), ("base_model: /home/me/x", "base_model"), ("base_model: [a/b, c d]", "base_model[1]"),
            ("model-index: 3", "model-index"), ("model-index: [{results: []}]", "model-index[0].name"), ("model-index: [{name: a}]", "results")
        ])
    func errors(_ line: String, _ key: String) {
        let report = CardTests.card("---\n\(line)\n---\n").validate()
        #expect(report.errors.count == 1, "\(report)")
        #expect(report.errors.first?.message.contains(key) == true, "\(report)")
    }

    @Test(
        "a value that is merely unknown is a warning",
        arguments: ["license: my-own", "license: other", "pipeline_tag: whale-watching", "datasets: ['a b']"])
    func warnings(_ line: String) {
        let report = CardTests.card("---\n\(line)\n---\n").validate()
        #expect(report.errors.isEmpty && report.warnings.count == 1, "\(report)")
    }

    @Test(
        "nothing is said of what is right or nobody reads",
        arguments: [
            "license: MIT", "license: [mit, apache-2.0]", "license: other\nlicense_name: house", "license:", "tags: []", "zoo: {a: [1]}",
            "base_model: bert-base-uncased", "base_model: [a/b, c/d]", "language: en", "model-index: [{name: a, results: []}]"
        ])
    func fine(_ lines: String) {
        #expect(CardTests.card("---\n\(lines)\n---\n").validate() == CardReport())
    }

    @Test("tags for filters: card, files and kind")
    func tags() {
        let card = CardTests.card(CardTests.whale)
        let paths = ["model-00001-of-2.safetensors", "sub/whale.Q4.GGUF", "onnx/model.onnx", "pytorch_model-1.bin", "a.bin", "x.bin/readme"]
        #expect(
            CardTags.all(of: card, paths: paths, kind: .model) == [
                "transformers", "gguf", "onnx", "pytorch", "safetensors", "text-generation", "whale", "4-bit", "en", "no", "dataset:acme/reef",
                "base_model:acme/calf", "base_model:finetune:acme/calf", "license:apache-2.0"
            ])
        #expect(CardTags.all(of: nil, paths: ["a.bin", "README.md"], kind: .model) == [])
        let reef = CardTests.card("---\nlanguage: en\ntask_categories: [x]\nsize_categories: n<1K\ntags: [a, a]\n---\n")
        #expect(
            CardTags.all(of: reef, paths: ["a.safetensors"], kind: .dataset) == ["task_categories:x", "size_categories:n<1K", "a", "language:en"])
    }

    @Test("a card is not let to be a dictionary")
    func manyTags() {
        let card = CardTests.card("---\ntags:\n" + (0..<5000).map { "- tag\($0)\n" }.joined() + "- \(String(repeating: "x", count: 300))\n---\n")
        #expect(card.tags.count == 5001)
        #expect(CardTags.all(of: card, paths: [], kind: .model).count == 1000)
    }
}
