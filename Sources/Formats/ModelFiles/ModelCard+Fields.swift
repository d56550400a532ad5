extension ModelCard {
    package var tags: [String] { texts("tags") }
    /// Ids as written, such as `apache-2.0`; cards of merged works give several.
    package var licenses: [String] { texts("license") }
    package var license: String? { licenses.first }
    /// What a license is called whose id is `other`.
    package var licenseName: String? { text("license_name") }
    package var libraryName: String? { text("library_name") }
    package var pipelineTag: String? { text("pipeline_tag") }
    package var taskCategories: [String] { texts("task_categories") }
    package var sizeCategories: [String] { texts("size_categories") }
    package var baseModels: [String] { texts("base_model") }
    package var baseModel: String? { baseModels.first }
    /// `adapter`, `finetune`, `merge` or `quantized`, where the card says.
    package var baseModelRelation: String? { text("base_model_relation") }
    package var datasets: [String] { texts("datasets") }
    package var languages: [String] { texts("language") }
    package var prettyName: String? { text("pretty_name") }

    private func text(_ key: String) -> String? { metadata[key]?.text.flatMap { $0.isEmpty ? nil : $0 } }
    private func texts(_ key: String) -> [String] { (metadata[key]?.texts ?? []).filter { !$0.isEmpty } }
}
